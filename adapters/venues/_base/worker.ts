/**
 * The entry of a venue's Web Worker. It is told once what to run, and once to stop. Whatever is thrown in it ends it
 * here, at its one boundary; the supervisor starts another.
 */
import type { FromWorker, ToWorker } from "./messages.ts";
import { runFeed } from "./run.ts";
import { workerLog } from "./worker_log.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const say = (message: FromWorker) => scope.postMessage(message);
let stopFeed = () => {};
let ending = false;

function end(error: string | undefined): void {
  if (ending) return;
  ending = true;
  try {
    stopFeed();
  } catch (problem) {
    error ??= describe(problem);
  }
  say({ kind: "ended", error });
  scope.close();
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
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
  if (data.kind === "stop") return end(undefined);
  const log = workerLog(
    (level, message, fields) => say({ kind: "log", level, message, fields }),
    () => performance.now(),
  );
  const stop = new Uint8Array(data.stop);
  const pulse = () => {
    if (Atomics.load(stop, 0) === 1) end(undefined);
  };
  stopFeed = runFeed(data.spec, { log, pulse });
  say({ kind: "ready" });
});
