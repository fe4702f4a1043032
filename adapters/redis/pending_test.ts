import assert from "node:assert/strict";
import { RedisPair } from "./pair.ts";
import { Pending } from "./pending.ts";

const pair = (symbol: string) => new RedisPair("live", "okx", symbol);

Deno.test("a pair waits once, however often its quote changes", () => {
  const pending = new Pending();
  const [a, b] = [pair("A"), pair("B")];
  pending.add(a, 1);
  pending.add(b, 2);
  for (let n = 0; n < 10; n++) pending.add(a, 3);
  assert.deepEqual([pending.count, pending.queued, pending.conflated, pending.oldest], [2, 2, 10, 1]);
  assert.deepEqual(pending.take(5), [a, b]);
  assert.deepEqual([pending.count, pending.queued], [2, 0]);
  pending.done(true, 4);
  assert.deepEqual([pending.count, pending.queued, pending.oldest], [0, 0, undefined]);
});

Deno.test("what changes while it is on its way is written again", () => {
  const pending = new Pending();
  const a = pair("A");
  pending.add(a, 1);
  pending.take(5);
  pending.add(a, 2);
  assert.equal(pending.count, 1);
  pending.done(true, 3);
  assert.deepEqual([pending.count, pending.queued, pending.oldest, pending.conflated], [1, 1, 3, 0]);
});

Deno.test("what did not arrive waits again in front, and once", () => {
  const pending = new Pending();
  const [a, b, c] = [pair("A"), pair("B"), pair("C")];
  pending.add(a, 1);
  pending.add(b, 2);
  pending.take(2);
  pending.add(c, 3);
  pending.add(b, 4);
  pending.done(false, 5);
  assert.deepEqual([pending.count, pending.conflated, pending.oldest], [3, 1, 1]);
  assert.deepEqual(pending.take(5), [a, c, b]);
  pending.done(true, 6);
  assert.equal(pending.count, 0);
});
