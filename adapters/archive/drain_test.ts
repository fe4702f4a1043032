import assert from "node:assert/strict";
import { minuteOf } from "../../tests/archive/records.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { type LogRecord, recordedLog } from "../../tests/core/recorded_log.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { type History, HistoryError } from "../../core/ports/history.ts";
import { Drain } from "./drain.ts";
import { HistoryLink } from "./history_link.ts";
import { Keeper } from "./keeper.ts";

const HOUR_MS = 3_600_000;

/** A drain from a real outbox to a history that takes everything and removes as the test says. */
async function draining(
  removeOld: History["removeOld"],
  test: (parts: {
    clock: ManualClock;
    logs: LogRecord[];
    link: HistoryLink;
    drain: Drain;
    written: Bar[];
    keep(minute: number): void;
  }) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  const clock = new ManualClock();
  const logs: LogRecord[] = [];
  const written: Bar[] = [];
  const history = {
    migrate: () => Promise.resolve(),
    write: ({ minutes }) => Promise.resolve(void written.push(...minutes)),
    removeOld,
    close: () => Promise.resolve(),
  } as Partial<History> as History;
  const ports = {
    clock,
    log: recordedLog(logs),
    random: () => 0,
    changed: () => drain?.wake(),
    recovered: () => {},
  };
  const keeper = new Keeper(dataDir, 1_000, false, ports);
  const link = new HistoryLink({ ...ports, open: () => history });
  const drain: Drain = new Drain(keeper, link, { minutes: 0, quotes: 0, episodes: 0 }, ports);
  keeper.start();
  const ran = drain.run();
  try {
    let id = 0;
    const keep = (minute: number) =>
      keeper.add({ id: ++id, kind: "keep", minutes: minuteOf(3, minute), episodes: [] });
    await test({ clock, logs, link, drain, written, keep });
  } finally {
    drain.finish();
    await ran;
    keeper.close();
    await Deno.remove(dataDir, { recursive: true });
  }
}

for (const kind of ["unreachable", "refused"] as const) {
  Deno.test(`drain goes on where old data cannot be removed (${kind}), and tries that again after an hour`, async () => {
    let tries = 0;
    const removeOld = () => {
      tries++;
      return Promise.reject(new HistoryError(kind, "Somebody reads the partition"));
    };
    await draining(removeOld, async ({ clock, logs, link, drain, written, keep }) => {
      await clock.advance(60_000);
      keep(0);
      await clock.advance(0);
      assert.equal(written.length, 3);
      assert.deepEqual([tries, link.state, link.error, drain.cleanedAt], [1, "ok", null, null]);
      await clock.advance(HOUR_MS);
      assert.equal(tries, 2);
      assert.deepEqual(logs.map(({ level, fields }) => [level, fields.reason]), [
        ["warning", "Somebody reads the partition"],
        ["warning", "Somebody reads the partition"],
      ]);
    });
  });
}

Deno.test("drain writes what arrives while old data is removed, however long that takes", async () => {
  const removed = { minutes: 1, quotes: 0, episodes: 0 };
  const removing: PromiseWithResolvers<typeof removed>[] = [];
  const removeOld = () => {
    removing.push(Promise.withResolvers());
    return removing.at(-1)!.promise;
  };
  await draining(removeOld, async ({ clock, link, drain, written, keep }) => {
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(HOUR_MS);
      keep(minute);
      await clock.advance(0);
      assert.equal(written.length, 3 * (minute + 1));
    }
    assert.deepEqual([removing.length, drain.cleanedAt, link.state], [1, null, "ok"]);
    removing[0]!.resolve(removed);
    await clock.advance(HOUR_MS);
    assert.notEqual(drain.cleanedAt, null);
    assert.equal(removing.length, 2);
  });
});

Deno.test("drain opens a history that nothing is written to", async () => {
  let cleans = 0;
  const removeOld = () => {
    cleans++;
    return Promise.resolve({ minutes: 0, quotes: 0, episodes: 0 });
  };
  await draining(removeOld, async ({ clock, link }) => {
    await clock.advance(1_000);
    assert.deepEqual([cleans, link.state], [1, "ok"]);
  });
});
