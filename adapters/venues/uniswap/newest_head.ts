/**
 * The highest head that any node told of. After another node took over, or where a head is passed on late,
 * the chain seems to be shorter than it is known to be: what it is to say then is older than what was said
 * already.
 */
export class NewestHead {
  readonly #patienceMs: number;
  #number = -1;
  #atMs = 0;

  /** A shorter chain is believed where nobody told of a higher head for longer than this. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Takes note of a head of this number. */
  saw(number: number, nowMs: number): void {
    if (this.isAbove(number, nowMs)) return;
    this.#number = number;
    this.#atMs = nowMs;
  }

  /** A chain that ends with this number is behind. */
  isAbove(number: number, nowMs: number): boolean {
    return number < this.#number && nowMs - this.#atMs <= this.#patienceMs;
  }
}
