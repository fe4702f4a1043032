/**
 * How late the main thread is: a timer that should fire every so often, and by how much it does not. Deno's
 * `monitorEventLoopDelay` would do, but it gives microseconds where Node, whose interface it is, says nanoseconds.
 */
const EVERY_MS = 100;
/** The maximum is that of the last minute or a little less, so that no scrape misses a peak. */
const PARTS = 6;
const PART_MS = 10_000;

export interface EventLoopDelay {
  /** Times it was looked at, and the delays of all of them together, ms. */
  samples: number;
  totalMs: number;
  /** Of the last minute. */
  maxMs: number;
}

/** What measuring needs of the platform; `now` never goes back. */
export interface MonotonicClock {
  now(): number;
  after(delayMs: number, callback: () => void): () => void;
}

const SYSTEM: MonotonicClock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    // It measures the program and does not keep it alive.
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};

export class EventLoopMeter {
  readonly #clock: MonotonicClock;
  #samples = 0;
  #totalMs = 0;
  /** The maxima of the last parts of a minute, by the number of the part. */
  readonly #maxima = new Map<number, number>();
  #cancel: () => void;

  constructor(clock: MonotonicClock = SYSTEM) {
    this.#clock = clock;
    this.#cancel = this.#later();
  }

  read(): EventLoopDelay {
    const oldest = this.#part() - PARTS;
    const maxMs = Math.max(0, ...[...this.#maxima].flatMap(([part, max]) => part > oldest ? max : []));
    return { samples: this.#samples, totalMs: this.#totalMs, maxMs };
  }

  stop(): void {
    this.#cancel();
  }

  #part(): number {
    return Math.floor(this.#clock.now() / PART_MS);
  }

  #later(): () => void {
    const due = this.#clock.now() + EVERY_MS;
    return this.#clock.after(EVERY_MS, () => {
      const lateMs = Math.max(0, this.#clock.now() - due);
      const part = this.#part();
      this.#samples++;
      this.#totalMs += lateMs;
      this.#maxima.set(part, Math.max(lateMs, this.#maxima.get(part) ?? 0));
      for (const old of this.#maxima.keys()) if (old <= part - PARTS) this.#maxima.delete(old);
      this.#cancel = this.#later();
    });
  }
}
