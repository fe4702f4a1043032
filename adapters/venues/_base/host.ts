/** Runs each worker of the core in a Web Worker. */
import type { RunningWorker, WorkerEvents, WorkerHost, WorkerSpec } from "../../../core/ports/workers.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** `entry` runs in the worker; tests give others. */
export function workerHost(entry: URL): WorkerHost {
  return { start: (spec, events) => start(entry, spec, events) };
}

export const webWorkers: WorkerHost = {
  // Written out, because only this form is followed when the program is compiled.
  start: (spec, events) =>
    run(new Worker(new URL("./worker.ts", import.meta.url), options(spec)), spec, events),
};

function start(entry: URL, spec: WorkerSpec, events: WorkerEvents): RunningWorker {
  return run(new Worker(entry, options(spec)), spec, events);
}

function options(spec: WorkerSpec): WorkerOptions {
  return { type: "module", name: spec.venue };
}

function run(worker: Worker, spec: WorkerSpec, events: WorkerEvents): RunningWorker {
  let ended = false;
  const end = (error: string | undefined) => {
    if (ended) return;
    ended = true;
    worker.terminate();
    events.ended(error);
  };
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (ended) return;
    if (data.kind === "ended") end(data.error);
    else if (data.kind === "ready") events.ready();
    else events.log(data.level, data.message, data.fields);
  };
  // An error that the worker's own boundary could not catch, such as a module that does not load. Without
  // preventDefault it would end this process too.
  worker.onerror = (event) => {
    event.preventDefault();
    end(event.message || "The worker ended with an error");
  };
  worker.onmessageerror = () => end("A message of the worker cannot be read");
  const tell = (message: ToWorker) => worker.postMessage(message);
  const stop = new SharedArrayBuffer(1);
  tell({ kind: "spec", spec, stop });
  return {
    stop: () => {
      if (ended) return;
      Atomics.store(new Uint8Array(stop), 0, 1);
      tell({ kind: "stop" });
    },
    terminate: () => end(undefined),
  };
}
