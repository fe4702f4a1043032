/** What host and worker say to each other. Quotes and counters go through shared memory, not through these. */
import type { LogFields, LogLevel } from "../../../core/ports/log.ts";
import type { WorkerSpec } from "../../../core/ports/workers.ts";

export type ToWorker = { kind: "spec"; spec: WorkerSpec } | { kind: "stop" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "log"; level: LogLevel; message: string; fields: LogFields }
  /** The last message. `error` is undefined where the worker was asked to end. */
  | { kind: "ended"; error: string | undefined };
