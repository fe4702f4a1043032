/**
 * The worker's side of the messages. Whatever is thrown ends the worker here, at its one boundary; the archive starts
 * another and sends again what was not acknowledged.
 */
import { systemClock } from "../clock/system.ts";
import { workerLog } from "../venues/_base/worker_log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { type OpenHistory, runArchive, type RunningArchive } from "./run.ts";

export function serveArchive(openHistory: OpenHistory): void {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const say = (message: FromWorker) => scope.postMessage(message);
  let running: RunningArchive | undefined;
  let ending = false;

  function end(error: string | undefined): void {
    if (ending) return;
    ending = true;
    try {
      // Lets the lock on the outbox go for the next worker.
      running?.abort();
    } catch (problem) {
      error ??= describe(problem);
    }
    say({ kind: "ended", error });
    scope.close();
  }

  scope.addEventListener("error", (event) => {
    event.preventDefault();
    end(describe(event.error ?? event.message));
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end(describe(event.reason));
  });
  scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
    if (ending) return;
    if (data.kind === "start") {
      const log = workerLog(
        (level, message, fields) => say({ kind: "log", level, message, fields }),
        () => performance.now(),
      );
      running = runArchive(data, {
        openHistory,
        clock: systemClock,
        log,
        random: Math.random,
        say,
        failed: (error) => end(describe(error)),
      });
    } else if (data.kind !== "stop") running?.take(data);
    else void running?.stop(data.withinMs).then(() => end(undefined), (error) => end(describe(error)));
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
