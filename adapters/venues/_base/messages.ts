/** What host and worker say to each other. Quotes and counters go through shared memory, not through these. */
import type { LogFields, LogLevel } from "../../../core/ports/log.ts";
import type { WorkerSpec } from "../../../core/ports/workers.ts";

/**
 * A flood of frames starves messages for seconds. So that a worker can be stopped in the midst of one, the host also
 * sets the first byte of `stop`, shared memory, before it sends the message.
 */
export type ToWorker = { kind: "spec"; spec: WorkerSpec; stop: SharedArrayBuffer } | { kind: "stop" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "log"; level: LogLevel; message: string; fields: LogFields }
  /** The last message. `error` is undefined where the worker was asked to end. */
  | { kind: "ended"; error: string | undefined };
