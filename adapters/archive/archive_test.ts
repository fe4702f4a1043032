import assert from "node:assert/strict";
import { bar, LONG_AGO, minuteOf } from "../../tests/archive/records.ts";
import { settingsFor } from "../../tests/archive/archives.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { type LogRecord, recordedLog } from "../../tests/core/recorded_log.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { openArchive } from "./archive.ts";
import type { ThreadEvents } from "../threads/attach.ts";
import type { FromWorker, Report, ToWorker } from "./messages.ts";

/** Workers that do what the test says. */
function scripted(onRecovered?: (bars: readonly Bar[]) => void) {
  const clock = new ManualClock();
  const logs: LogRecord[] = [];
  const workers: { said: ToWorker[]; events: ThreadEvents<FromWorker>; terminated: boolean }[] = [];
  const opening = openArchive(settingsFor("data", "postgres://user:secret@db/prices"), {
    clock,
    log: recordedLog(logs),
    random: () => 0,
    maxPending: 1_000,
    ...(onRecovered && { onRecovered }),
    host: (events) => {
      const worker = { said: [] as ToWorker[], events, terminated: false };
      workers.push(worker);
      return {
        send: (message) => void worker.said.push(structuredClone(message)),
        terminate: () => {
          worker.terminated = true;
        },
      };
    },
  });
  return { clock, logs, workers, opening };
}

function reportOf(keptThrough: number, dropped = 0): { kind: "report"; report: Report } {
  return {
    kind: "report",
    report: {
      keptThrough,
      quotesThrough: 0,
      outbox: {
        state: "ok",
        records: 5,
        dropped,
        rejected: 2,
        error: null,
        oldestTime: LONG_AGO,
        opened: true,
      },
      history: { state: "ok", records: 7, quotes: 0, quotesDropped: 0, cleanedAt: null, error: null },
    },
  };
}

const idsOf = (said: ToWorker[]) => said.flatMap((message) => message.kind === "keep" ? [message.id] : []);

Deno.test("archive gives up a worker that is silent, and the next one gets what was not acknowledged", async () => {
  const { clock, workers, opening } = scripted();
  workers[0]!.events.message({ kind: "ready", recovered: [bar("A-X")] });
  const { archive, recovered } = await opening;
  assert.deepEqual(recovered, [bar("A-X")]);
  archive.keep({ minutes: minuteOf(900, 0) });
  workers[0]!.events.message(reportOf(1, 3));
  assert.equal(archive.status().outbox.pending, 400);
  await clock.advance(9_000);
  assert.equal(archive.status().outbox.state, "ok");
  await clock.advance(1_000);
  assert.match(archive.status().outbox.error!, /does not answer/);
  await clock.advance(50_000);
  assert.equal(workers[0]!.terminated, true);
  await clock.advance(1_000);
  assert.equal(workers.length, 2);
  const [start] = workers[1]!.said;
  assert(start?.kind === "start" && start.resumed);
  assert.deepEqual(idsOf(workers[1]!.said), [2]);
  workers[1]!.events.message({ kind: "ready", recovered: [] });
  workers[1]!.events.message(reportOf(2, 4));
  const { outbox, history } = archive.status();
  assert.deepEqual([outbox.state, outbox.pending, outbox.dropped, outbox.error], ["ok", 0, 7, null]);
  assert.equal(outbox.rejected, 2);
  assert.deepEqual([history.url, history.kind, history.records], [
    "postgres://user@db/prices",
    "postgres",
    14,
  ]);
});

Deno.test("archive keeps waiting for the fourth silent worker: each may be a thread for good", async () => {
  const { clock, workers, opening } = scripted();
  await clock.advance(10_000);
  assert.deepEqual((await opening).recovered, []);
  await clock.advance(3_600_000);
  assert.equal(workers.length, 4);
  assert.equal(workers[3]!.terminated, false);
});

Deno.test("archive starts a worker that crashes again and again with backoff", async () => {
  const { clock, workers, opening, logs } = scripted();
  workers[0]!.events.ended("Broken");
  await opening;
  for (let second = 0; second < 600; second++) {
    workers.at(-1)!.events.message(reportOf(0));
    if (!workers.at(-1)!.terminated) workers.at(-1)!.events.ended("Broken");
    await clock.advance(1_000);
  }
  assert(workers.length <= 601);
  assert(logs.every(({ message }) => /Archive worker (?:ended|answers)/.test(message)));
});

Deno.test("archive that starts late keeps the recovered minute, as not complete", async () => {
  const { clock, workers, opening } = scripted();
  await clock.advance(10_000);
  await opening;
  workers[0]!.events.message({ kind: "ready", recovered: [bar("A-X")] });
  const kept = workers[0]!.said.flatMap((message): readonly Bar[] =>
    message.kind === "keep" ? message.minutes : []
  );
  assert.deepEqual(kept, [{ ...bar("A-X"), complete: false }]);
});

Deno.test("archive hands recovered minutes on that come late, however late", async () => {
  const handedOn: Bar[] = [];
  const { clock, workers, opening } = scripted((bars) => handedOn.push(...bars));
  await clock.advance(10_000);
  const { archive } = await opening;
  workers[0]!.events.message({ kind: "ready", recovered: [bar("A-X")] });
  workers[0]!.events.message({ kind: "recovered", bars: [bar("B-X")] });
  assert.deepEqual(handedOn, [bar("A-X"), bar("B-X")]);
  assert.deepEqual(idsOf(workers[0]!.said), []);
  const stopping = archive.stop(1_000);
  workers[0]!.events.message({ kind: "recovered", bars: [bar("C-X")] });
  assert.equal(handedOn.length, 2);
  assert.deepEqual(idsOf(workers[0]!.said), [1]);
  await clock.advance(1_000);
  await stopping;
});

Deno.test("archive that stops sends everything at once and waits no longer than it may", async () => {
  const { clock, workers, opening, logs } = scripted();
  workers[0]!.events.message({ kind: "ready", recovered: [] });
  const { archive } = await opening;
  archive.keep({ minutes: minuteOf(1_000, 0) });
  const stopping = archive.stop(2_000);
  assert.equal(workers[0]!.said.at(-1)!.kind, "stop");
  await clock.advance(2_000);
  await stopping;
  assert.equal(workers[0]!.terminated, true);
  assert.match(logs.at(-1)!.message, /could not make everything durable/);
});
