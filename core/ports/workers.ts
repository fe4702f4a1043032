/**
 * How the core starts and ends the workers that read venues. The adapter runs each in a Web Worker; a test can run a
 * worker of its own making.
 */
import type { ChannelMemory } from "../app/channel.ts";
import type { LadderMemory } from "../app/ladders.ts";
import type { SlotMemory } from "../stats/slots.ts";
import type { LogFields, LogLevel } from "./log.ts";

/** A venue whose quotes are those of pools on a chain: what a worker has to know to find and follow them. */
export interface PoolsSpec {
  /** Which maths and logs: x·y = k, or concentrated liquidity. */
  protocol: "v2" | "v3";
  chainId: number;
  /** Nodes of that chain, in the order in which they are wanted. At least one of each. */
  wsUrls: readonly string[];
  httpUrls: readonly string[];
  /** Contract that knows all pools of the protocol. */
  factory: string;
  /** In millionths: the one fee of v2, which its pools do not tell; the fee tiers of v3 that are looked for. */
  feesPpm: readonly number[];
  /** Time between two blocks, ms. */
  blockMs: number;
  /** What one swap takes. */
  gasUnits: number;
  /** The coin that gas is paid in, as an asset of canonical symbols: `ETH`. */
  nativeAsset: string;
  /** The contract of each asset on this chain. What is not in here does not exist for us. */
  tokens: Readonly<Record<string, string>>;
  /** Only these pools; where empty, all that the factory has for the symbols. */
  addresses: readonly string[];
}

/** All that a worker needs; structured-clone safe. */
export interface WorkerSpec {
  /** Key of the worker: `bybit`, `ndjson`, … */
  venue: string;
  /** `socket`: a venue with a WebSocket. `pools`: on a chain. `ndjson`: TCP sources. `synthetic`: made-up quotes. */
  feed: "socket" | "pools" | "ndjson" | "synthetic";
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
  /** `pools` feeds. */
  pools?: PoolsSpec;
  ladders?: LadderMemory;
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
