/**
 * What the price of one symbol on one exchange did in an interval, mostly a minute.
 *
 * A quote's price is the middle of bid and ask, or what a source without a book states. Minimum, maximum, average,
 * first and last are over the ticks that arrived in the interval by our clock (`receivedTime`), each counted once,
 * conflated ones included. Where no tick came, they are the price that stood from before, and `samples` is 0.
 * `timeWeightedPrice` weighs each price with the time that it stood while its quote was fresh, one from before the
 * interval included.
 *
 * Prices in quote currency per base, times in milliseconds since the epoch.
 */
import type { Mode } from "./mode.ts";

export interface Bar {
  mode: Mode;
  exchange: string;
  /** Canonical symbol. */
  symbol: string;
  /** Begin of the interval, a whole multiple of its length since the epoch (UTC). */
  timestamp: number;
  /** Mean over the ticks, each weighing the same. */
  averagePrice: number;
  timeWeightedPrice: number;
  minPrice: number;
  maxPrice: number;
  /** When the minimum and the maximum were first seen. */
  minTime: number;
  maxTime: number;
  firstPrice: number;
  lastPrice: number;
  /** Ticks. */
  samples: number;
  /** The quote that stood when the interval ended; null where none did, or none with that side. */
  bestBid: number | null;
  bestAsk: number | null;
  /** How long the quote was fresh. */
  freshMs: number;
  /** The quote was fresh throughout, so that nothing can be missing. */
  complete: boolean;
}

/** Lengths of the bars that are kept. */
export const INTERVALS = { "1m": 60_000, "1h": 3_600_000, "1d": 86_400_000 } as const;
export type StoredInterval = keyof typeof INTERVALS;
export const MINUTE_MS = INTERVALS["1m"];
