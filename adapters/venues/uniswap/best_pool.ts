/**
 * Which of several pools of a pair quotes it: the one in which a round trip, base bought and sold again,
 * loses the least of what was paid. It is made at a hundredth of what the deepest pool shows, a size that is
 * derived from the pools alone: no currency is assumed, and a pool with a low fee and next to nothing in it
 * does not win. The pool that quotes already stays as long as no other is clearly better: of two that are as
 * good as each other it would be another one after each block.
 */
import type { Ladder } from "../../../core/domain/ladder.ts";

export interface TwoWay {
  buy: Ladder;
  sell: Ladder;
}

const PART_OF_DEEPEST = 1 / 100;
/** A tenth of a basis point of what is paid. */
const CLEARLY = 1e-5;

/**
 * Undefined where no pool can be bought from and sold to. Of equal ones the first. `present` is one of them,
 * if any.
 */
export function bestPool<T extends TwoWay>(pools: readonly T[], present?: T): T | undefined {
  const deepest = Math.max(0, ...pools.map(({ buy, sell }) => Math.min(depthOf(buy), depthOf(sell))));
  if (deepest === 0) return undefined;
  let best: T | undefined;
  let least = Infinity;
  for (const pool of pools) {
    const loss = lossOf(pool, deepest * PART_OF_DEEPEST);
    if (loss < least) [best, least] = [pool, loss];
  }
  if (present !== undefined && lossOf(present, deepest * PART_OF_DEEPEST) < least + CLEARLY) return present;
  return best;
}

/** As a share of what is paid; NaN where the pool does not show so much. */
function lossOf({ buy, sell }: TwoWay, sizeBase: number): number {
  return 1 - quoteFor(sell, sizeBase) / quoteFor(buy, sizeBase);
}

function depthOf({ sizes, length }: Ladder): number {
  let sum = 0;
  for (let step = 0; step < length; step++) sum += sizes[step]!;
  return sum;
}

/** What a size is bought or sold for; NaN where the ladder ends before. */
function quoteFor({ prices, sizes, length }: Ladder, sizeBase: number): number {
  let left = sizeBase;
  let quote = 0;
  for (let step = 0; step < length; step++) {
    const part = Math.min(left, sizes[step]!);
    quote += part * prices[step]!;
    left -= part;
    if (left <= 0) return quote;
  }
  return NaN;
}
