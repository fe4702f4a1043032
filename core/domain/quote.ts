import type { PoolInfo } from "./pool.ts";

/**
 * A quote: the best bid and ask of one instrument at one moment. It is the domain form of the protobuf message
 * `marketflow.v1.MarketData`.
 *
 * Prices are in quote currency per unit of base, sizes in base, times in milliseconds since the epoch (a fraction
 * carries the microseconds where a venue gives them).
 */
export interface Quote {
  /** Venue id, for example `kraken`; an NDJSON source has its own, for example `exchange1`. */
  exchange: string;
  /** Canonical symbol, for example `BTC-USDT`. */
  symbol: string;
  /** Best bid; null where that side is empty or the source states only a price. */
  bid: number | null;
  bidSize: number | null;
  ask: number | null;
  askSize: number | null;
  /** Middle of bid and ask, or the price that a source without a book states; null for a one-sided book. */
  price: number | null;
  /** Clock of the venue's matching engine; null where the venue sends none. */
  exchangeTime: number | null;
  /** Our clock, when the frame arrived at the socket. */
  receivedTime: number;
  /** True while the feed is alive and the book valid, whatever the age of the price. */
  fresh: boolean;
  /** Where it is a pool that quotes. */
  pool?: PoolInfo;
}

/** How a quote stands in the quote table. */
export const QuoteState = {
  /** No quote: never seen, an empty side, or a book that is not valid. */
  withdrawn: 0,
  /** The feed is alive and the book valid. */
  fresh: 1,
  /** The feed died or fell silent after this quote. */
  stale: 2,
} as const;
export type QuoteState = typeof QuoteState[keyof typeof QuoteState];

/** No market is anywhere near; within these, every product and every ratio of two numbers is finite as well. */
const LEAST = 1e-100;
const MOST = 1e100;

/** A number that may stand as a price: above zero, finite, and so is whatever is computed of it. */
export function isPrice(value: number): boolean {
  return value >= LEAST && value <= MOST;
}

/** A number that may stand as a size at the top of a book; the same holds. */
export const isSize = isPrice;
