/**
 * Tells a quiet connection from a dead one: nothing for a while → probe it, still nothing → silent.
 *
 * A timer that fires late says that this worker was busy, not that the venue is silent: frames may be waiting in its
 * queue. So a late look is not judged, the next one is; but two late ones in a row are.
 */
export type Verdict =
  | "alive"
  /** Send a heartbeat: nothing arrived for a while. */
  | "probe"
  /** Nothing arrived even after the probe. */
  | "silent"
  /** Frames arrive, but no data of any topic. */
  | "no_data";

export interface WatchdogLimits {
  tickMs: number;
  probeAfterMs: number;
  silentAfterMs: number;
  dataSilenceMs: number;
}

/** A look that comes after so many intervals is late. */
const LATE_TICKS = 4;

export class Watchdog {
  readonly #limits: WatchdogLimits;
  #probedAt = -Infinity;
  #lookedAt = 0;
  #wasLate = false;
  /** When the last frame arrived, whatever it was. Set by the connection on every frame. */
  frameAt = 0;
  /** When the last frame with data arrived. */
  dataAt = 0;

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
  }

  /** A new connection: everything counts from now. */
  start(now: number): void {
    this.frameAt = this.dataAt = this.#lookedAt = now;
    this.#probedAt = -Infinity;
    this.#wasLate = false;
  }

  /** `expectsData`: not every topic was refused. After `probe` the caller sends one. */
  look(now: number, expectsData: boolean): Verdict {
    const late = now - this.#lookedAt > LATE_TICKS * this.#limits.tickMs;
    this.#lookedAt = now;
    const judge = !late || this.#wasLate;
    this.#wasLate = late;
    if (!judge) return "alive";
    if (this.#probedAt > this.frameAt) {
      return now - this.#probedAt >= this.#limits.silentAfterMs ? "silent" : "alive";
    }
    if (now - this.frameAt >= this.#limits.probeAfterMs) {
      this.#probedAt = now;
      return "probe";
    }
    if (!expectsData) this.dataAt = now;
    return now - this.dataAt >= this.#limits.dataSilenceMs ? "no_data" : "alive";
  }
}
