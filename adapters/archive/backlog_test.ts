import assert from "node:assert/strict";
import { bar, episode, LONG_AGO, minuteOf } from "../../tests/archive/records.ts";
import { Backlog } from "./backlog.ts";
import type { Parcel } from "./messages.ts";

function sent(backlog: Backlog, all = false): Parcel[] {
  const parcels: Parcel[] = [];
  for (let parcel = backlog.next(all); parcel !== undefined; parcel = backlog.next(all)) parcels.push(parcel);
  return parcels;
}

Deno.test("backlog sends only so far ahead of what is acknowledged, in parcels and in order", () => {
  const backlog = new Backlog(100_000);
  backlog.keep(minuteOf(5_200, 0), [episode("a")]);
  assert.equal(backlog.records, 5_201);
  const first = sent(backlog);
  assert.deepEqual(first.map(({ id, minutes }) => [id, minutes.length]), [[1, 500], [2, 500], [3, 500], [
    4,
    500,
  ]]);
  assert.deepEqual(sent(backlog), []);
  backlog.acknowledge(3);
  assert.deepEqual(sent(backlog).map(({ id }) => id), [5, 6, 7]);
  assert.equal(backlog.records, 3_701);
  backlog.acknowledge(7);
  const rest = sent(backlog);
  backlog.acknowledge(rest.at(-1)!.id);
  assert.deepEqual(rest.at(-1), {
    id: 11,
    kind: "keep",
    minutes: minuteOf(5_200, 0).slice(-200),
    episodes: [episode("a")],
  });
  assert.deepEqual([backlog.records, backlog.dropped, backlog.oldestTime()], [0, 0, null]);
});

Deno.test("backlog drops the oldest that was not sent, and counts it", () => {
  const backlog = new Backlog(3_000);
  backlog.keep(minuteOf(2_000, 0), []);
  const underWay = sent(backlog);
  backlog.keep(minuteOf(1_000, 1), []);
  assert.equal(backlog.dropped, 0);
  backlog.keep(minuteOf(600, 2), []);
  assert.deepEqual([backlog.records, backlog.dropped], [2_600, 1_000]);
  backlog.acknowledge(underWay.at(-1)!.id);
  assert.deepEqual(sent(backlog).flatMap(({ minutes }) => minutes), minuteOf(600, 2));
});

Deno.test("backlog sends again what a worker took with it, and a checkpoint never after what was kept later", () => {
  const backlog = new Backlog(1_000);
  backlog.keep([bar("A-X", 0)], []);
  backlog.checkpoint([bar("A-X", 1)]);
  assert.equal(sent(backlog).length, 2);
  backlog.checkpoint([bar("A-X", 1, 2)]);
  backlog.keep([bar("A-X", 1, 3)], []);
  backlog.checkpoint([bar("A-X", 2)]);
  backlog.acknowledge(1);
  backlog.rewind();
  const again = sent(backlog).map((
    { kind, minutes },
  ) => [kind, minutes[0]!.timestamp - LONG_AGO, minutes[0]!.samples]);
  assert.deepEqual(again, [["checkpoint", 60_000, 1], ["keep", 60_000, 3], ["checkpoint", 120_000, 1]]);
});

Deno.test("backlog of very many small records stays quick and bounded", () => {
  const backlog = new Backlog(1_000);
  for (let n = 0; n < 20_000; n++) {
    backlog.keep([bar("A-X", n)], []);
    backlog.checkpoint([bar("A-X", n + 1)]);
  }
  assert(backlog.records <= 1_000);
  assert.equal(backlog.records + backlog.dropped, 20_000);
});
