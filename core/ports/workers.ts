/**
 * How the core starts and ends the workers that read venues. The adapter runs each in a Web Worker; a test can run a
 * worker of its own making.
 */
import type { ChannelMemory } from "../app/channel.ts";
import type { SlotMemory } from "../stats/slots.ts";
import type { LogFields, LogLevel } from "./log.ts";

/** All that a worker needs; structured-clone safe. */
export interface WorkerSpec {
  /** Key of the worker: `bybit`, `ndjson`, … */
  venue: string;
  /** `socket`: a venue with a WebSocket. `ndjson`: TCP sources. `synthetic`: made-up quotes. */
  feed: "socket" | "ndjson" | "synthetic";
  /** The exchanges it quotes, with the first cell of each: the cell of `symbols[i]` is `firstCell + i`. */
  exchanges: readonly { id: string; firstCell: number }[];
  /** Canonical symbols, in the order of their ids. */
  symbols: readonly string[];
  channel: ChannelMemory;
  telemetry: SharedArrayBuffer;
  /** What prices did; the same memory for every worker of this venue in turn. */
  slots: SlotMemory;
  /** When the worker before this one was lost, ms since the epoch. */
  lostAt?: number;
  /** `socket` feeds. */
  wsUrl?: string;
  restUrl?: string;
  dataDir?: string;
  /** `ndjson` feeds: `host:port` by exchange id. */
  sources?: Readonly<Record<string, string>>;
  /** `synthetic` feeds. `startTime` is when step 0 of the market was, ms since the epoch. */
  test?: { seed: number; stepsPerSecond: number; startTime: number };
}

/** What becomes of a worker. Always told later, never from within a call of `start` or `stop`. */
export interface WorkerEvents {
  /** The worker runs; its feed may still be connecting. */
  ready(): void;
  log(level: LogLevel, message: string, fields: LogFields): void;
  /**
   * It ended: asked to (`error` undefined) or by an exception. Called once; nothing is called after it. A worker that
   * ends without a word cannot be told from one that blocks, so it has to say so before it closes.
   */
  ended(error: string | undefined): void;
}

export interface RunningWorker {
  /** Asks the worker to close its feed and end; `ended` follows when it did. */
  stop(): void;
  /** Ends it from outside. A worker inside a loop that never yields is not stopped by this. */
  terminate(): void;
}

export interface WorkerHost {
  start(spec: WorkerSpec, events: WorkerEvents): RunningWorker;
}
