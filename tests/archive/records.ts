/** Records for tests of the archive. */
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import type { Episode, EpisodeMoment } from "../../core/domain/episode.ts";

/** A minute long over, so that it is never the one that is running. */
export const LONG_AGO = Date.UTC(2026, 9, 1, 12);

/** `version` tells two bars of the same key apart. */
export function bar(symbol: string, minute = 0, version = 1, exchange = "okx"): Bar {
  const timestamp = LONG_AGO + minute * MINUTE_MS;
  return {
    mode: "live",
    exchange,
    symbol,
    timestamp,
    averagePrice: version,
    timeWeightedPrice: version,
    minPrice: version,
    maxPrice: version,
    minTime: timestamp,
    maxTime: timestamp,
    firstPrice: version,
    lastPrice: version,
    samples: version,
    bestBid: version,
    bestAsk: null,
    freshMs: MINUTE_MS,
    complete: true,
  };
}

/** A minute of so many symbols. */
export function minuteOf(symbols: number, minute: number, version = 1): Bar[] {
  return Array.from({ length: symbols }, (_, n) => bar(`S${n}-USDT`, minute, version));
}

export function episode(id: string, minute = 0): Episode {
  const moment = (time: number): EpisodeMoment => ({
    time,
    buyPrice: 1,
    sellPrice: 2,
    sizeBase: 3,
    notionalQuote: 3,
    grossBps: 10_000,
    netBps: 9_990,
    feesQuote: 0.25,
    impactQuote: 0.125,
    gasQuote: 0.125,
    profitQuote: 2.5,
  });
  const start = LONG_AGO + minute * MINUTE_MS;
  return {
    id,
    mode: "live",
    symbol: "BTC-USDT",
    buyExchange: "okx",
    sellExchange: "kraken",
    buyFeeBps: 5,
    sellFeeBps: 5,
    start: moment(start),
    peak: moment(start + 1_000),
    end: moment(start + 2_000),
    reason: "below_threshold",
  };
}
