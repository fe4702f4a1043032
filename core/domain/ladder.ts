import { BPS } from "./edge.ts";

/**
 * What can be bought or sold at once, from the best price on: a book is a ladder of its levels, a pool one of steps in
 * which its curve is followed from size to size. Where it ends, nothing is known of what comes, and nothing is assumed.
 */
export interface Ladder {
  /**
   * Price of each step in quote currency per base, from the best on: rising for what can be bought, falling
   * for what can be sold. What a pool keeps as its fee is in it; a venue's taker fee is not.
   */
  prices: ArrayLike<number>;
  /** Size of each step, in base. */
  sizes: ArrayLike<number>;
  /** Steps in use. */
  length: number;
}

/**
 * How much a ladder takes, at its ends of steps, while no step is worse than the first by more than
 * `worseBps`, and the mean price of that: the first step at least. NaN where the ladder has no step.
 */
export function upTo(ladder: Ladder, worseBps: number): { price: number; sizeBase: number } {
  const first = ladder.prices[0] ?? NaN;
  const most = first * worseBps / BPS;
  let sizeBase = 0;
  let quote = 0;
  for (let step = 0; step < ladder.length && Math.abs(ladder.prices[step]! - first) <= most; step++) {
    sizeBase += ladder.sizes[step]!;
    quote += ladder.sizes[step]! * ladder.prices[step]!;
  }
  return { price: quote / sizeBase, sizeBase: sizeBase > 0 ? sizeBase : NaN };
}
