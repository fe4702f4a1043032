/**
 * Waits before trying again: twice as long after every failure, each drawn at random between the first wait and the
 * present ceiling ("full jitter"), so that clients that failed together do not come back together.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` is uniform in [0, 1). */
  constructor(firstMs: number, longestMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** How long to wait now, in ms. Never below the first wait, so that no loop of failures runs hot. */
  next(): number {
    this.#failures++;
    const ceiling = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures);
    return Math.round(this.#firstMs + (ceiling - this.#firstMs) * this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
