/** At most `count` in any stretch of `windowMs`: requests on a connection, connections from an address. */
export class RateLimit {
  readonly #windowMs: number;
  /** When the last `count` were taken, as a ring; `#oldest` points to the one that frees the next place. */
  readonly #taken: Float64Array;
  #oldest = 0;

  constructor(count: number, windowMs: number) {
    this.#windowMs = windowMs;
    this.#taken = new Float64Array(Math.max(1, Math.floor(count))).fill(-Infinity);
  }

  /** Takes a place if there is one. */
  take(nowMs: number): boolean {
    if (this.#taken[this.#oldest]! + this.#windowMs > nowMs) return false;
    this.#taken[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % this.#taken.length;
    return true;
  }
}
