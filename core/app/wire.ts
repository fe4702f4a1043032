/**
 * The domain as the API and the streams show it in JSON: whole milliseconds, computed figures without the noise of
 * binary fractions, and exactly the documented fields. Every transport that speaks JSON goes through here, so that all
 * of them say the same.
 */
import type { Bar } from "../domain/bar.ts";
import type { Episode, EpisodeMoment } from "../domain/episode.ts";
import type { Opportunity } from "../domain/opportunity.ts";
import type { PoolInfo } from "../domain/pool.ts";
import type { Quote } from "../domain/quote.ts";
import type { Mode } from "../domain/mode.ts";
import type { Health, PriceStatistics } from "./market.ts";
import { figureOf, figureOfOne, type StatisticName } from "./figure.ts";
import type { StreamClosed } from "./stream/filter.ts";

/** 12 significant digits: `65738.95000000001`, a middle of two prices, is `65738.95`. */
function figure(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * A price or size of a venue, to 15 significant digits. So many of a decimal number survive a double: what a venue sent
 * with no more of them is as it came; what is computed, as of a pool, loses the noise of its last digits.
 */
function given(value: number): number;
function given(value: number | null): number | null;
function given(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(15));
}

/** A quote; that of a pool says which one it is, and how old its block is now. */
export type QuoteJson = Omit<Quote, "pool"> & { pool?: PoolInfo & { blockAgeMs: number } };

/** `now` is the time of the answer, ms since the epoch. */
export function quoteJson(quote: Quote, now: number): QuoteJson {
  const { pool } = quote;
  return {
    exchange: quote.exchange,
    symbol: quote.symbol,
    bid: given(quote.bid),
    bidSize: given(quote.bidSize),
    ask: given(quote.ask),
    askSize: given(quote.askSize),
    price: quote.price === null ? null : figure(quote.price),
    exchangeTime: wholeMs(quote.exchangeTime),
    receivedTime: Math.round(quote.receivedTime),
    fresh: quote.fresh,
    ...(pool && {
      pool: {
        address: pool.address,
        feePpm: pool.feePpm,
        blockNumber: pool.blockNumber,
        blockTime: Math.round(pool.blockTime),
        // The chain's clock may be ahead of ours.
        blockAgeMs: Math.max(0, Math.round(now - pool.blockTime)),
      },
    }),
  };
}

export function opportunityJson(one: Opportunity): Opportunity {
  return {
    id: one.id,
    symbol: one.symbol,
    buyExchange: one.buyExchange,
    sellExchange: one.sellExchange,
    buyPrice: given(one.buyPrice),
    sellPrice: given(one.sellPrice),
    sizeBase: given(one.sizeBase),
    notionalQuote: figure(one.notionalQuote),
    grossBps: figure(one.grossBps),
    netBps: figure(one.netBps),
    feesQuote: figure(one.feesQuote),
    impactQuote: figure(one.impactQuote),
    gasQuote: figure(one.gasQuote),
    profitQuote: figure(one.profitQuote),
    openedAt: Math.round(one.openedAt),
    updatedAt: Math.round(one.updatedAt),
  };
}

export function closedJson(one: StreamClosed): StreamClosed {
  return { ...opportunityJson(one), closedAt: Math.round(one.closedAt), reason: one.reason };
}

/** A bar among others of the same symbol and mode, which stand once around them. */
export type BarJson = Omit<Bar, "mode" | "symbol">;

export function barJson(bar: Bar): BarJson {
  return {
    exchange: bar.exchange,
    timestamp: Math.round(bar.timestamp),
    averagePrice: figure(bar.averagePrice),
    timeWeightedPrice: figure(bar.timeWeightedPrice),
    minPrice: figure(bar.minPrice),
    maxPrice: figure(bar.maxPrice),
    minTime: Math.round(bar.minTime),
    maxTime: Math.round(bar.maxTime),
    firstPrice: figure(bar.firstPrice),
    lastPrice: figure(bar.lastPrice),
    samples: bar.samples,
    bestBid: given(bar.bestBid),
    bestAsk: given(bar.bestAsk),
    freshMs: Math.round(bar.freshMs),
    complete: bar.complete,
  };
}

/** An episode among others of the same mode, which stands once around them. */
export type EpisodeJson = Omit<Episode, "mode">;

export function episodeJson(one: Episode): EpisodeJson {
  return {
    id: one.id,
    symbol: one.symbol,
    buyExchange: one.buyExchange,
    sellExchange: one.sellExchange,
    buyFeeBps: one.buyFeeBps,
    sellFeeBps: one.sellFeeBps,
    start: momentJson(one.start),
    peak: momentJson(one.peak),
    end: momentJson(one.end),
    reason: one.reason,
  };
}

function momentJson(moment: EpisodeMoment): EpisodeMoment {
  return {
    time: Math.round(moment.time),
    buyPrice: given(moment.buyPrice),
    sellPrice: given(moment.sellPrice),
    sizeBase: given(moment.sizeBase),
    notionalQuote: figure(moment.notionalQuote),
    grossBps: figure(moment.grossBps),
    netBps: figure(moment.netBps),
    feesQuote: figure(moment.feesQuote),
    impactQuote: figure(moment.impactQuote),
    gasQuote: figure(moment.gasQuote),
    profitQuote: figure(moment.profitQuote),
  };
}

/** The answer to "what was the highest (lowest, average) price of the last …". */
export interface StatisticJson {
  statistic: StatisticName;
  symbol: string;
  mode: Mode;
  /** As it was asked for. */
  period: string;
  from: number;
  to: number;
  price: number | null;
  /** Of an average alone. */
  timeWeightedPrice?: number | null | undefined;
  exchange: string | null;
  timestamp: number | null;
  samples: number;
  complete: boolean;
  exchanges: StatisticOfExchangeJson[];
  /** Why there is no price; null where there is one. */
  detail: string | null;
}

export interface StatisticOfExchangeJson {
  exchange: string;
  price: number;
  /** Of an average alone. */
  timeWeightedPrice?: number | undefined;
  timestamp: number | null;
  samples: number;
  freshMs: number;
  complete: boolean;
}

/** `exchange` is the one that was asked for; undefined for all. */
export function statisticJson(
  statistic: StatisticName,
  period: string,
  { symbol, mode, from, to, exchanges: bars }: PriceStatistics,
  exchange?: string,
): StatisticJson {
  const { price, timeWeightedPrice, ...of } = figureOf(statistic, bars);
  const on = exchange === undefined ? "" : ` on ${exchange}`;
  return {
    statistic,
    symbol,
    mode,
    period,
    from: Math.round(from),
    to: Math.round(to),
    price: price === null ? null : figure(price),
    ...(statistic === "average"
      ? { timeWeightedPrice: timeWeightedPrice === null ? null : figure(timeWeightedPrice) }
      : {}),
    exchange: of.exchange,
    timestamp: wholeMs(of.timestamp),
    samples: bars.reduce((sum, bar) => sum + bar.samples, 0),
    complete: bars.length > 0 && bars.every((bar) => bar.complete),
    exchanges: bars.map((bar) => {
      const one = figureOfOne(statistic, bar);
      return {
        exchange: bar.exchange,
        price: figure(one.price!),
        ...(statistic === "average" ? { timeWeightedPrice: figure(one.timeWeightedPrice!) } : {}),
        timestamp: wholeMs(one.timestamp),
        samples: bar.samples,
        freshMs: Math.round(bar.freshMs),
        complete: bar.complete,
      };
    }),
    detail: bars.length > 0 ? null : `No price of ${symbol}${on} in the last ${period}`,
  };
}

export function healthJson(health: Health): Health {
  const { cache, history, outbox } = health;
  return {
    ...health,
    cache: { ...cache, lagMs: wholeMs(cache.lagMs) },
    history: { ...history, cleanedAt: wholeMs(history.cleanedAt) },
    outbox: { ...outbox, lagMs: wholeMs(outbox.lagMs) },
  };
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
