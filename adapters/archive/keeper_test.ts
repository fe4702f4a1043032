import assert from "node:assert/strict";
import { bar, LONG_AGO, minuteOf } from "../../tests/archive/records.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { type LogRecord, recordedLog } from "../../tests/core/recorded_log.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { Keeper } from "./keeper.ts";
import { Outbox } from "./outbox.ts";

interface Parts {
  dataDir: string;
  file: string;
  clock: ManualClock;
  logs: LogRecord[];
  keeper: Keeper;
  keep(minutes: Bar[]): void;
}

/** A keeper that is not started yet. Its clock stands 30 s after the minute 0 of the records began. */
async function keeping(test: (parts: Parts) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  const clock = new ManualClock(LONG_AGO + 30_000);
  const logs: LogRecord[] = [];
  const ports = { clock, log: recordedLog(logs), random: () => 0, changed: () => {} };
  const keeper = new Keeper(dataDir, 100_000, false, ports);
  let id = 0;
  const keep = (minutes: Bar[]) => keeper.add({ id: ++id, kind: "keep", minutes, episodes: [] });
  try {
    await test({ dataDir, file: `${dataDir}/outbox.sqlite`, clock, logs, keeper, keep });
  } finally {
    keeper.close();
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("keeper passes nothing by an outbox that another program has, also not in the end", async () => {
  await keeping(async ({ file, clock, keeper, keep }) => {
    const other = new Outbox(file, 100);
    keeper.start();
    keep(minuteOf(3, 0));
    await clock.advance(60_000);
    assert.match(keeper.report().error!, /in use by another process/);
    assert.equal(keeper.take(10), undefined);
    keeper.finish();
    assert.equal(keeper.take(10), undefined);
    assert.equal(keeper.keptThrough, 0);
    other.close();
    await clock.advance(10_000);
    assert.deepEqual([keeper.report().error, keeper.keptThrough], [null, 1]);
    assert.equal(keeper.take(10)!.records.length, 3);
  });
});

Deno.test("keeper passes by an outbox that cannot be opened, once it has waited for it", async () => {
  await keeping(async ({ file, clock, keeper, keep }) => {
    await Deno.mkdir(file);
    keeper.start();
    keep(minuteOf(3, 0));
    assert.equal(keeper.take(10), undefined);
    await clock.advance(60_000);
    const taken = keeper.take(10)!;
    assert.equal(taken.records.length, 3);
    taken.done([]);
    assert.equal(keeper.keptThrough, 1);
    await Deno.remove(file);
    await clock.advance(10_000);
    keep([bar("A-X", 1)]);
    assert.deepEqual([keeper.report().error, keeper.report().records], [null, 1]);
  });
});
