/**
 * A market in which pools quote beside books, standing still: what the API and the page say of it can be told in advance.
 * Figures add up as those of the screener do.
 */
import type { Market } from "../../core/app/market.ts";
import { select } from "../../core/app/opportunities.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { PoolInfo } from "../../core/domain/pool.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { SymbolIndex } from "../../core/domain/symbol.ts";
import { openMade, wellVenue } from "./made_market.ts";

const SYMBOLS = ["BTC-USDT", "ETH-USDT", "WBTC-USDT"];
const FEES = { bybit: 10, okx: 10, "uniswap-v2": 0, "uniswap-v3": 0 };
const EXCHANGES = Object.keys(FEES) as (keyof typeof FEES)[];

export const POOLS: Record<string, PoolInfo> = {
  "uniswap-v2": {
    address: "0x0d4a11d5eeaac28ec3f61d100daf4d40471f1852",
    feePpm: 3000,
    blockNumber: 23_456_789,
    blockTime: Date.now() - 9_000,
  },
  "uniswap-v3": {
    address: "0x11b815efb8f581194ae79006d24e0d814b7697f6",
    feePpm: 500,
    blockNumber: 23_456_789,
    blockTime: Date.now() - 9_000,
  },
};

/** `gross`, costs and what is left in quote currency. */
function route(
  symbol: string,
  [buyExchange, buyPrice]: [string, number],
  [sellExchange, sellPrice]: [string, number],
  { size, gross, fees, impact, gas }: Record<"size" | "gross" | "fees" | "impact" | "gas", number>,
): Opportunity {
  const notionalQuote = size * buyPrice;
  const profitQuote = gross - fees - impact - gas;
  const paid = notionalQuote * (1 + FEES[buyExchange as keyof typeof FEES] / 10_000);
  return {
    id: `still-${symbol}-${buyExchange}-${sellExchange}`,
    symbol,
    buyExchange,
    sellExchange,
    buyPrice,
    sellPrice,
    sizeBase: size,
    notionalQuote,
    grossBps: gross / notionalQuote * 10_000,
    netBps: profitQuote / paid * 10_000,
    feesQuote: fees,
    impactQuote: impact,
    gasQuote: gas,
    profitQuote,
    openedAt: Date.now() - 74_000,
    updatedAt: Date.now() - 1_000,
  };
}

export const ROUTES: readonly Opportunity[] = [
  route("ETH-USDT", ["uniswap-v3", 3414.94], ["okx", 3437.2], {
    size: 5.2134,
    gross: 125.4,
    fees: 26.83,
    impact: 1.54,
    gas: 4.18,
  }),
  route("WBTC-USDT", ["uniswap-v2", 65_912.31], ["uniswap-v3", 66_402.55], {
    size: 0.7417,
    gross: 533.02,
    fees: 170.94,
    impact: 61.37,
    gas: 7.62,
  }),
  route("BTC-USDT", ["bybit", 65_740.7], ["okx", 65_951.2], {
    size: 0.5546,
    gross: 0.5546 * (65_951.2 - 65_740.7),
    fees: 0.5546 * (65_951.2 + 65_740.7) / 1000,
    impact: 0,
    gas: 0,
  }),
];

/** The same route as it went a minute before. */
function endedOf(one: Opportunity): Episode {
  const moment = (ago: number) => ({ ...one, time: one.openedAt - 60_000 - ago });
  return {
    id: `ended-${one.id}`,
    mode: "test",
    symbol: one.symbol,
    buyExchange: one.buyExchange,
    sellExchange: one.sellExchange,
    buyFeeBps: FEES[one.buyExchange as keyof typeof FEES],
    sellFeeBps: FEES[one.sellExchange as keyof typeof FEES],
    start: moment(9_000),
    peak: moment(4_000),
    end: moment(0),
    reason: "gas_unknown",
  };
}

const BOOKS: Record<string, [bid: number, ask: number]> = {
  bybit: [3436.1, 3436.4],
  okx: [3437.2, 3437.5],
  "uniswap-v2": [3401.12, 3421.6],
  "uniswap-v3": [3411.27, 3414.69],
};

function quoteOf(exchange: string, symbol: string): Quote {
  const [bid, ask] = BOOKS[exchange]!;
  const pool = POOLS[exchange];
  const receivedTime = Date.now() - (pool === undefined ? 40 : 8_150);
  const size = pool === undefined ? 4.25 : 0.0112;
  return {
    exchange,
    symbol,
    bid,
    bidSize: size,
    ask,
    askSize: size,
    price: (bid + ask) / 2,
    exchangeTime: pool?.blockTime ?? receivedTime - 5,
    receivedTime,
    fresh: true,
    ...(pool && { pool }),
  };
}

export function openPools() {
  const index = new SymbolIndex(SYMBOLS);
  const market = {
    version: "0.0.0-test",
    mode: "test",
    symbols: SYMBOLS,
    exchanges: EXCHANGES,
    sequence: 0,
    longestPeriodMs: 86_400_000,
    resolveSymbol: (text: string) => index.resolve(text),
    quotes: (symbol: string) => EXCHANGES.map((id) => quoteOf(id, symbol)),
    quote: quoteOf,
    opportunities: (filter = {}) => select(ROUTES, filter),
    venues: () => EXCHANGES.map((id) => wellVenue(id, FEES[id], SYMBOLS.length)),
    subscribe: () => () => {},
    recentQuotes: ({ exchange, symbol }: { exchange: string; symbol: string }) =>
      Promise.resolve([quoteOf(exchange, symbol)]),
    async *bars() {},
    async *episodes({ symbol }: { symbol?: string }) {
      yield ROUTES.filter((one) => symbol === undefined || one.symbol === symbol).map(endedOf);
    },
  } as Partial<Market> as Market;
  return openMade(market);
}
