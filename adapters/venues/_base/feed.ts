/** What every feed is given and what every feed can: the worker and the tests run all kinds alike. */
import type { WorkerSpec } from "../../../core/ports/workers.ts";
import { FeedState, type Telemetry } from "../../../core/app/telemetry.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { Quotes } from "./quotes.ts";
import type { FeedTuning } from "./tuning.ts";

export interface FeedContext {
  spec: WorkerSpec;
  quotes: Quotes;
  telemetry: Telemetry;
  log: Log;
  tuning: FeedTuning;
  /** Milliseconds since the epoch with a fraction; never goes back. */
  now(): number;
  /** Uniform in [0, 1), for jitter. */
  random(): number;
}

export interface Feed {
  start(): void;
  /** Called every `tuning.tickMs`: whatever is due. A feed needs no timers of its own. */
  tick(now: number): void;
  /** Closes everything; nothing is written afterwards. */
  stop(): void;
}

/** A frame in this many moves the heartbeat, because a flood of frames starves the timer that moves it otherwise. */
const FRAMES_PER_HEARTBEAT = 64;

/** Counts what arrived, as every feed does. */
export function countFrame(telemetry: Telemetry, bytes: number, now: number): void {
  telemetry.frames++;
  telemetry.bytes += bytes;
  telemetry.lastFrameTime = now;
  if (telemetry.frames % FRAMES_PER_HEARTBEAT === 0) telemetry.heartbeat++;
}

/** The state of a feed with several connections: that of the one that does best. */
export function bestState(states: Iterable<FeedState>): FeedState {
  const found = new Set(states);
  const order = [FeedState.connected, FeedState.silent, FeedState.connecting, FeedState.disconnected];
  return order.find((state) => found.has(state)) ?? FeedState.disconnected;
}
