/**
 * A pool of a decentralised exchange as the core sees it: what a swap of any size pays after a certain block,
 * and what it costs beside that. How a pool computes it is the adapter's business.
 */
import { type Ladder, upTo } from "./ladder.ts";

/** Which pool a quote is of, and how it stands. */
export interface PoolInfo {
  /** Of the contract, lower case with `0x`. */
  address: string;
  /** Of what goes in, in millionths: 3000 is 0.3 %. */
  feePpm: number;
  /** The block after which the quote holds, and its time by the chain's clock, ms since the epoch. */
  blockNumber: number;
  blockTime: number;
}

export interface PoolQuote extends PoolInfo {
  /** Price before any size and before the fee, in quote currency per base. */
  mid: number;
  /** What the gas of one swap costs now, in the native coin of the chain; NaN where that is not known. */
  gasNative: number;
  /** What base can be bought and sold for, fee and impact included. */
  buy: Ladder;
  sell: Ladder;
}

const TOLD_IMPACT_BPS = 1;

/**
 * A pool has a price for every size. The one that is told as its quote is the mean price of a size which moves it by a
 * basis point at most, and of one step at least: that alone may be a matter of cents. NaN where a side has no step.
 */
export function topOf({ buy, sell }: Pick<PoolQuote, "buy" | "sell">) {
  const bid = upTo(sell, TOLD_IMPACT_BPS);
  const ask = upTo(buy, TOLD_IMPACT_BPS);
  return { bid: bid.price, bidSize: bid.sizeBase, ask: ask.price, askSize: ask.sizeBase };
}
