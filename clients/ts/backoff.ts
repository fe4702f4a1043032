/**
 * Waits before trying again: the ceiling doubles with every failure, and each wait is drawn at random between the first
 * wait and the ceiling, so that clients that failed together do not come back together.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` is uniform in [0, 1). */
  constructor(firstMs: number, longestMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#longestMs = Math.max(firstMs, longestMs);
    this.#random = random;
  }

  /** How long to wait now, in ms; never below the first wait. */
  next(): number {
    this.#failures++;
    const ceiling = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures);
    return Math.round(this.#firstMs + (ceiling - this.#firstMs) * this.#random());
  }

  /**
   * A connection has ended after it was alive for this long. A short life is one more failure, or a server that takes
   * every connection and ends it would be asked again and again after the first wait.
   */
  lived(ms: number): void {
    if (ms >= this.#longestMs) this.#failures = 0;
  }
}
