/**
 * What can be bought or sold at once, from the best price on: a book is a ladder of its levels, a pool one of steps in
 * which its curve is followed from size to size. Where it ends, nothing is known of what comes, and nothing is assumed.
 */
export interface Ladder {
  /**
   * Price of each step in quote currency per base, from the best on: rising for what can be bought, falling for what can
   * be sold. What a pool keeps as its fee is in it; a venue's taker fee is not.
   */
  prices: ArrayLike<number>;
  /** Size of each step, in base. */
  sizes: ArrayLike<number>;
  /** Steps in use. */
  length: number;
}
