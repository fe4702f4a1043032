/**
 * A market whose past is made up, for tests of the routes alone: what a test says is kept is what is answered, in pages,
 * and everything that is asked of it is written down.
 */
import type { Market, PriceStatistics } from "../../core/app/market.ts";
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode, EpisodeMoment } from "../../core/domain/episode.ts";
import { SymbolIndex } from "../../core/domain/symbol.ts";
import { createApp } from "../../ui/app.ts";
import { manifest } from "../../ui/manifest.gen.ts";

export const SYMBOLS = ["BTC-USDT", "ETH-USDT"];
export const EXCHANGES = ["bybit", "okx"];
export const DAY_MS = 86_400_000;

export function barOf(fields: Partial<Bar> = {}): Bar {
  return {
    mode: "test",
    exchange: "okx",
    symbol: "BTC-USDT",
    timestamp: 1_790_000_040_000,
    averagePrice: 100.5,
    timeWeightedPrice: 100.4,
    minPrice: 99,
    maxPrice: 102,
    minTime: 1_790_000_041_000,
    maxTime: 1_790_000_042_000,
    firstPrice: 100,
    lastPrice: 101,
    samples: 8,
    bestBid: 100.9,
    bestAsk: 101.1,
    freshMs: 60_000,
    complete: true,
    ...fields,
  };
}

export function episodeOf(closedAt: number, id: string, fields: Partial<Episode> = {}): Episode {
  const moment = (time: number, netBps: number): EpisodeMoment => ({
    time,
    buyPrice: 100,
    sellPrice: 101,
    sizeBase: 2,
    notionalQuote: 200,
    grossBps: netBps + 20,
    netBps,
    feesQuote: 0.25,
    impactQuote: 0.125,
    gasQuote: 0.0625,
    profitQuote: 1.5,
  });
  return {
    id,
    mode: "test",
    symbol: "BTC-USDT",
    buyExchange: "bybit",
    sellExchange: "okx",
    buyFeeBps: 10,
    sellFeeBps: 10,
    start: moment(closedAt - 500, 6),
    peak: moment(closedAt - 200, 30),
    end: moment(closedAt, -2.5),
    reason: "below_threshold",
    ...fields,
  };
}

/** What the routes ask of a market beside names. */
export type Kept = Partial<
  Pick<Market, "priceStatistics" | "bars" | "episodes" | "recentQuotes" | "longestPeriodMs">
>;

// deno-lint-ignore no-explicit-any
type Json = any;

export function openKept(kept: Kept) {
  const index = new SymbolIndex(SYMBOLS);
  const market = {
    version: "0.0.0-test",
    mode: "test",
    symbols: SYMBOLS,
    exchanges: EXCHANGES,
    resolveSymbol: (text: string) => index.resolve(text),
    longestPeriodMs: 90 * DAY_MS,
    ...kept,
  } as Partial<Market> as Market;
  const context = {
    market,
    streams: undefined as never,
    quoteStreams: undefined as never,
    sse: undefined as never,
    protocols: [],
    metrics: undefined as never,
    version: market.version,
    screener: undefined as never,
  };
  const app = createApp(context, manifest);
  return {
    app,
    async get(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; body: Json }> {
      const response = await app.request(path, init);
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
  };
}

export function statisticsOf(exchanges: Bar[], fields: Partial<PriceStatistics> = {}): PriceStatistics {
  return { mode: "test", symbol: "BTC-USDT", from: 1000.4, to: 61_000.4, exchanges, ...fields };
}

/** Pages of an array; `left` is called when the reader leaves, `read` with each page. */
export async function* pagesOf<Row>(
  rows: readonly Row[],
  size: number,
  { read = () => {}, left = () => {} }: { read?: (page: number) => void; left?: () => void } = {},
): AsyncGenerator<Row[]> {
  try {
    for (let at = 0, page = 1; at < rows.length; at += size, page++) {
      await Promise.resolve();
      read(page);
      yield rows.slice(at, at + size);
    }
  } finally {
    left();
  }
}
