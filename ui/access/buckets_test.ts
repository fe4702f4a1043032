import assert from "node:assert/strict";
import { Buckets } from "./buckets.ts";

function buckets(limits: { perSecond: number; burst: number; open?: number }, places?: number) {
  const clock = { ms: 0 };
  return { clock, buckets: new Buckets(limits, () => clock.ms, places) };
}

Deno.test("a client may ask for a burst at once, then as it gains, and is told how long to wait", () => {
  const { clock, buckets: some } = buckets({ perSecond: 2, burst: 3 });
  assert.deepEqual([1, 2, 3, 4].map(() => some.take("a")), [0, 0, 0, 1]);
  assert.equal(some.take("b"), 0, "another client does not notice");
  clock.ms = 499;
  assert.equal(some.take("a"), 1);
  clock.ms = 500;
  assert.equal(some.take("a"), 0);
  assert.equal(some.take("a"), 1);
  clock.ms = 1_000_000;
  assert.deepEqual([1, 2, 3, 4].map(() => some.take("a")), [0, 0, 0, 1], "no more than a burst is saved");
});

Deno.test("to look costs nothing", () => {
  const { buckets: some } = buckets({ perSecond: 1 / 6, burst: 1 });
  assert.deepEqual([some.waitS("a"), some.waitS("a"), some.take("a"), some.waitS("a")], [0, 0, 0, 6]);
});

Deno.test("places for what is open are given back once each", () => {
  const { buckets: some } = buckets({ perSecond: 1, burst: 1, open: 2 });
  const leave = some.enter("a")!;
  assert.ok(some.enter("a"));
  assert.equal(some.enter("a"), undefined);
  assert.ok(some.enter("b"));
  leave();
  leave();
  assert.ok(some.enter("a"));
  assert.equal(some.enter("a"), undefined);
});

Deno.test("clients that have been quiet make room for others", () => {
  const { clock, buckets: some } = buckets({ perSecond: 1, burst: 2 }, 3);
  for (const name of ["a", "b", "c"]) some.take(name);
  clock.ms = 2_000;
  for (let i = 0; i < 1_000; i++) {
    some.take(`n${i}`);
    clock.ms += 2_000;
  }
  assert.equal(some.size, 3);
});

Deno.test("a flood of addresses takes nothing from those that are known, and shares one bucket", () => {
  const { buckets: some } = buckets({ perSecond: 1, burst: 5, open: 2 }, 3);
  for (const name of ["a", "b", "c"]) assert.equal(some.take(name), 0);
  const passed = Array.from({ length: 10_000 }, (_, i) => some.take(`n${i}`)).filter((waitS) => waitS === 0);
  assert.equal(passed.length, 5, "all of the flood together get one burst");
  assert.equal(some.size, 3);
  assert.ok(some.waitS("another") > 0);
  for (const name of ["a", "b", "c"]) assert.equal(some.take(name), 0);
  const leave = [some.enter("x"), some.enter("y")];
  assert.equal(some.enter("z"), undefined);
  leave.forEach((one) => one!());
  assert.ok(some.enter("z"));
});

Deno.test("a client that has something open is not forgotten, however long it was quiet", () => {
  const { clock, buckets: some } = buckets({ perSecond: 1, burst: 1, open: 1 }, 3);
  some.enter("stream");
  clock.ms = 60_000;
  for (let i = 0; i < 100; i++) {
    some.take(`n${i}`);
    clock.ms += 60_000;
  }
  assert.equal(some.enter("stream"), undefined);
});
