/**
 * The worker's side of the messages. Where it ends by an error, the archive starts another and sends again what was not
 * acknowledged.
 */
import { systemClock } from "../clock/system.ts";
import { serve } from "../threads/serve.ts";
import { workerLog } from "../venues/_base/worker_log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { type OpenHistory, runArchive, type RunningArchive } from "./run.ts";

export function serveArchive(openHistory: OpenHistory): void {
  let running: RunningArchive | undefined;
  // To abort lets the lock on the outbox go for the next worker.
  const { say, end } = serve<ToWorker, FromWorker>(take, () => running?.abort());

  function take(message: ToWorker): void {
    if (message.kind === "start") {
      const log = workerLog(
        (level, text, fields) => say({ kind: "log", level, message: text, fields }),
        () => performance.now(),
      );
      running = runArchive(message, {
        openHistory,
        clock: systemClock,
        log,
        random: Math.random,
        say,
        failed: end,
      });
    } else if (message.kind !== "stop") running?.take(message);
    else void running?.stop(message.withinMs).then(() => end(), end);
  }
}
