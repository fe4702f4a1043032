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
  arrivals: Arrivals;
  log: Log;
  tuning: FeedTuning;
  /** Milliseconds since the epoch with a fraction. It may go back a little; see `runFeed` for more than that. */
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

/**
 * Counts what arrives. A flood of frames starves timers and messages for seconds, so what must not wait for them hangs
 * on frames as well: the heartbeat, and the look whether the worker is to stop.
 */
export class Arrivals {
  readonly #telemetry: Telemetry;
  readonly #pulse: () => void;
  #untilPulse = FRAMES_PER_PULSE;

  /** `pulse` is called at every 64th frame, before that frame is taken. */
  constructor(telemetry: Telemetry, pulse: () => void) {
    this.#telemetry = telemetry;
    this.#pulse = pulse;
  }

  count(bytes: number, now: number): void {
    const telemetry = this.#telemetry;
    telemetry.frames++;
    telemetry.bytes += bytes;
    telemetry.lastFrameTime = now;
    if (--this.#untilPulse > 0) return;
    this.#untilPulse = FRAMES_PER_PULSE;
    telemetry.heartbeat++;
    this.#pulse();
  }
}

const FRAMES_PER_PULSE = 64;

/** The state of a feed with several connections: that of the one that does best. */
export function bestState(states: Iterable<FeedState>): FeedState {
  const found = new Set(states);
  const order = [FeedState.connected, FeedState.silent, FeedState.connecting, FeedState.disconnected];
  return order.find((state) => found.has(state)) ?? FeedState.disconnected;
}
