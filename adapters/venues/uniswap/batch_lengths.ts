/** How many calls the nodes take in one request. They do not say before they are asked for too many. */
const SHRINK = 4;
const GROW = 2;
/** So many requests of the present length have to be answered before a longer one is tried. */
const TAKEN_BEFORE_LONGER = 20;

export class BatchLengths {
  readonly #longest: number;
  /** Where it is fewer than the longest. */
  readonly #lengths = new Map<string, { most: number; taken: number }>();

  constructor(longest: number) {
    this.#longest = longest;
  }

  mostOf(url: string): number {
    return this.#lengths.get(url)?.most ?? this.#longest;
  }

  /** A request of this length was too long. */
  refused(url: string, length: number): void {
    const most = Math.ceil(length / SHRINK);
    if (most < this.mostOf(url)) this.#lengths.set(url, { most, taken: 0 });
  }

  /**
   * A request of this length was answered. It may have been refused for the crowd of others, so try a longer
   * one some time.
   */
  took(url: string, length: number): void {
    const entry = this.#lengths.get(url);
    if (entry === undefined || length < entry.most || ++entry.taken < TAKEN_BEFORE_LONGER) return;
    entry.taken = 0;
    entry.most *= GROW;
    if (entry.most >= this.#longest) this.#lengths.delete(url);
  }
}
