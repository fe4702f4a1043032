import assert from "node:assert/strict";
import { bar, LONG_AGO, minuteOf } from "../../tests/archive/records.ts";
import { Mounted, mountingIsImpossible } from "../../tests/archive/mounted.ts";
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
  checkpoint(minutes: Bar[]): void;
  /** What the keeper handed on after its start. */
  recovered: Bar[];
}

/** A keeper that is not started yet. Its clock stands 30 s after the minute 0 of the records began. */
async function keeping(test: (parts: Parts) => void | Promise<void>, folder?: string): Promise<void> {
  const dataDir = folder ?? await Deno.makeTempDir();
  const recovered: Bar[] = [];
  const clock = new ManualClock(LONG_AGO + 30_000);
  const logs: LogRecord[] = [];
  const ports = {
    clock,
    log: recordedLog(logs),
    random: () => 0,
    changed: () => {},
    recovered: (bars: Bar[]) => void recovered.push(...bars),
  };
  const keeper = new Keeper(dataDir, 100_000, false, ports);
  let id = 0;
  const keep = (minutes: Bar[]) => keeper.add({ id: ++id, kind: "keep", minutes, episodes: [] });
  const checkpoint = (minutes: Bar[]) => keeper.add({ id: ++id, kind: "checkpoint", minutes });
  try {
    const file = `${dataDir}/outbox.sqlite`;
    await test({ dataDir, file, clock, logs, keeper, keep, checkpoint, recovered });
  } finally {
    keeper.close();
    if (folder === undefined) await Deno.remove(dataDir, { recursive: true });
  }
}

const cut = (of: Bar): Bar => ({ ...of, complete: false });

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

Deno.test("keeper hands on the running minute of an outbox that it gets late, and keeps those before as cut", async () => {
  await keeping(async ({ file, clock, keeper, keep, recovered }) => {
    const other = new Outbox(file, 100);
    other.checkpoint([bar("A-X", 0), bar("B-X", 0), bar("A-X", 1)]);
    assert.deepEqual(keeper.start(), []);
    keep([bar("B-X", 0, 2)]);
    await clock.advance(40_000);
    other.close();
    await clock.advance(10_000);
    assert.deepEqual(recovered, [bar("A-X", 1)]);
    const records = keeper.take(10)!.records.map(({ body }) => body);
    assert.deepEqual(records, [cut(bar("A-X", 0)), cut(bar("B-X", 0)), bar("B-X", 0, 2)]);
  });
});

Deno.test("keeper that ends makes records of the running minute, too: nobody adds to it any more", async () => {
  await keeping(({ file, keeper, keep, recovered }) => {
    const other = new Outbox(file, 100);
    other.checkpoint([bar("A-X", 0)]);
    keeper.start();
    keep([bar("B-X", 0)]);
    other.close();
    assert.equal(keeper.close(), 0);
    const after = new Outbox(file, 100);
    assert.deepEqual([recovered, after.records], [[], 2]);
    after.close();
  });
});

Deno.test({
  name: "keeper takes over what a process before left as soon as the full disk lets it",
  ignore: mountingIsImpossible(),
  async fn() {
    using disk = Mounted.tryNew(8)!;
    await keeping(async ({ file, clock, keeper, keep, checkpoint }) => {
      const before = new Outbox(file, 10_000);
      before.checkpoint(minuteOf(1_000, -1));
      before.close();
      disk.fill();
      assert.deepEqual(keeper.start(), []);
      assert.match(keeper.report().error!, /disk is full/);
      assert.equal(keeper.report().opened, false);
      checkpoint([bar("A-X", 0)]);
      keep([bar("B-X", 0)]);
      await clock.advance(30_000);
      assert.match(keeper.report().error!, /disk is full/);
      disk.free();
      await clock.advance(10_000);
      assert.deepEqual([keeper.report().error, keeper.report().records], [null, 1_001]);
      const { records } = keeper.take(1)!;
      assert.deepEqual(records, [{ kind: "minute", body: cut(bar("S0-USDT", -1)) }]);
    }, disk.folder);
  },
});
