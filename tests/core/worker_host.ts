/** Runs the workers of tests/core/workers in real Web Workers. The file is named by the plan's `wsUrl`. */
import type { LogFields, LogLevel } from "../../core/ports/log.ts";
import type { RunningWorker, WorkerEvents, WorkerHost, WorkerSpec } from "../../core/ports/workers.ts";

export type ToWorker = { spec: WorkerSpec } | { stop: true };
export type FromWorker = { ready: true } | { ended: true } | {
  log: { level: LogLevel; message: string; fields: LogFields };
};

export class TestWorkerHost implements WorkerHost {
  started = 0;
  /** Workers that were started and have not ended, by venue. */
  readonly live = new Set<{ venue: string }>();

  start(spec: WorkerSpec, events: WorkerEvents): RunningWorker {
    const name = { venue: spec.venue };
    const worker = new Worker(new URL(`./workers/${spec.wsUrl}`, import.meta.url), { type: "module" });
    this.started++;
    this.live.add(name);
    const end = (error: string | undefined) => {
      if (!this.live.delete(name)) return;
      worker.terminate();
      events.ended(error);
    };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ("ready" in data) events.ready();
      else if ("ended" in data) end(undefined);
      else events.log(data.log.level, data.log.message, data.log.fields);
    };
    worker.onerror = (event) => {
      // Else the exception would end this thread, too.
      event.preventDefault();
      end(event.message);
    };
    const post = (message: ToWorker) => worker.postMessage(message);
    post({ spec });
    return { stop: () => post({ stop: true }), terminate: () => worker.terminate() };
  }

  /** Venues of the live workers, sorted. */
  venues(): string[] {
    return [...this.live].map(({ venue }) => venue).sort();
  }
}
