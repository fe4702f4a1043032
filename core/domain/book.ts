/**
 * An order book: the price levels of one instrument, both sides. It knows nothing of sequence numbers or checksums;
 * whether a change may be applied is decided before it gets here.
 */

/** `[price, size]` as the venue writes them. The text is kept, because a checksum is taken over the text. */
export type Level = readonly [price: string, size: string];

/** Where a venue states no depth, a side keeps this many levels: nothing may grow without a bound. */
export const MAX_LEVELS = 5000;

/**
 * One side, best level last: changes happen near the top of a book, and the end of an array is where inserting and
 * removing cost least. Bids have their price as key, asks the negated price, so that both sides sort alike.
 */
class Side {
  readonly #sign: 1 | -1;
  /** Ascending; sizes and levels stand beside, index by index. */
  readonly #keys: number[] = [];
  readonly #sizes: number[] = [];
  readonly #levels: Level[] = [];

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  get size(): number {
    return this.#levels.length;
  }

  get best(): Level | null {
    return this.#levels[this.#levels.length - 1] ?? null;
  }

  get bestPrice(): number {
    return (this.#keys[this.#keys.length - 1] ?? NaN) * this.#sign;
  }

  get bestSize(): number {
    return this.#sizes[this.#sizes.length - 1] ?? NaN;
  }

  /** The best `count` levels, best first. */
  top(count: number): Level[] {
    return this.#levels.slice(-count).reverse();
  }

  /** Pops instead of setting the length: that would give the memory back, and small books are reset all the time. */
  clear(): void {
    while (this.#keys.pop() !== undefined) {
      this.#sizes.pop();
      this.#levels.pop();
    }
  }

  /** Sets, replaces or removes one level. False where price or size is not a number that a level can have. */
  set(level: Level): boolean {
    const price = Number(level[0]);
    const size = Number(level[1]);
    if (!(price > 0 && price < Infinity && size >= 0 && size < Infinity)) return false;
    const key = price * this.#sign;
    const at = this.#place(key);
    if (this.#keys[at] !== key) {
      if (size > 0) this.#insert(at, key, size, level);
    } else if (size > 0) {
      this.#sizes[at] = size;
      this.#levels[at] = level;
    } else this.#remove(at);
    return true;
  }

  /** Cuts the worst levels beyond `depth`. */
  cut(depth: number): void {
    const excess = this.#keys.length - depth;
    if (excess <= 0) return;
    this.#keys.splice(0, excess);
    this.#sizes.splice(0, excess);
    this.#levels.splice(0, excess);
  }

  /** Index of the first key that is not below `key`. */
  #place(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moves what lies above by hand: near the top that is a step or two, where `splice` makes an array each time. */
  #insert(at: number, key: number, size: number, level: Level): void {
    let i = this.#keys.length;
    this.#keys.push(key);
    this.#sizes.push(size);
    this.#levels.push(level);
    for (; i > at; i--) {
      this.#keys[i] = this.#keys[i - 1]!;
      this.#sizes[i] = this.#sizes[i - 1]!;
      this.#levels[i] = this.#levels[i - 1]!;
    }
    this.#keys[at] = key;
    this.#sizes[at] = size;
    this.#levels[at] = level;
  }

  #remove(at: number): void {
    const last = this.#keys.length - 1;
    for (let i = at; i < last; i++) {
      this.#keys[i] = this.#keys[i + 1]!;
      this.#sizes[i] = this.#sizes[i + 1]!;
      this.#levels[i] = this.#levels[i + 1]!;
    }
    this.#keys.pop();
    this.#sizes.pop();
    this.#levels.pop();
  }
}

/**
 * Both sides of a book. Levels are told apart by the value of their price, not by its text: `202` and `202.0` are one
 * level, and `0.1000` with size 0 removes `0.1`.
 *
 * ```ts
 * import { Book } from "./book.ts";
 * const book = new Book();
 * book.reset([["99", "1"]], [["101", "2"]], 10);
 * book.apply([["100", "3"]], [["101.0", "0"]]);
 * if (book.bid?.[0] !== "100" || book.ask !== null) throw new Error("Unexpected top");
 * ```
 */
export class Book {
  readonly #bids = new Side(1);
  readonly #asks = new Side(-1);
  #depth = MAX_LEVELS;

  /** Best bid; null where the side is empty. */
  get bid(): Level | null {
    return this.#bids.best;
  }

  /** Best ask; null where the side is empty. */
  get ask(): Level | null {
    return this.#asks.best;
  }

  /** Best bid and ask as numbers, NaN where the side is empty. */
  get bidPrice(): number {
    return this.#bids.bestPrice;
  }
  get bidSize(): number {
    return this.#bids.bestSize;
  }
  get askPrice(): number {
    return this.#asks.bestPrice;
  }
  get askSize(): number {
    return this.#asks.bestSize;
  }

  /** Levels a side. */
  get size(): { bids: number; asks: number } {
    return { bids: this.#bids.size, asks: this.#asks.size };
  }

  /** The best `count` bids, highest first, in the venue's own text. */
  bids(count: number): Level[] {
    return this.#bids.top(count);
  }

  /** The best `count` asks, lowest first, in the venue's own text. */
  asks(count: number): Level[] {
    return this.#asks.top(count);
  }

  /**
   * Replaces the whole book. The levels may come in any order. `depth` is how many levels a side the venue keeps up to
   * date; null where it does not say (then `MAX_LEVELS`). Returns as `apply`.
   */
  reset(bids: readonly Level[], asks: readonly Level[], depth: number | null): boolean {
    this.#depth = Math.min(depth ?? MAX_LEVELS, MAX_LEVELS);
    this.#bids.clear();
    this.#asks.clear();
    return this.apply(bids, asks);
  }

  /**
   * Applies changed levels in their order, then cuts both sides to the depth: a level that falls out of the window is
   * not removed by the venue. Size 0 removes; removing a level that is not there is normal.
   *
   * A book of depth 1 has one place a side, so a level that is listed takes it: one-sided updates of a best price do
   * not always remove the price before.
   *
   * Returns false where a level is not one (price not above zero, size below zero, not finite, not a number); the book
   * is not to be used until the next `reset` then.
   */
  apply(bids: readonly Level[], asks: readonly Level[]): boolean {
    if (!this.#change(this.#bids, bids)) return false;
    return this.#change(this.#asks, asks);
  }

  #change(side: Side, levels: readonly Level[]): boolean {
    if (levels.length === 0) return true;
    if (this.#depth === 1) side.clear();
    for (const level of levels) if (!side.set(level)) return false;
    side.cut(this.#depth);
    return true;
  }
}
