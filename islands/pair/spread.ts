/**
 * What the best route of a pair is worth, now and over time: of all ways to buy on one exchange and sell on another
 * at the best level of the books, the one that leaves most after the taker fees of both.
 */
import type { Bar } from "../../core/domain/bar.ts";
import { costOf, edgeBps, proceedsOf } from "../../core/domain/edge.ts";
import type { Quote } from "../../core/domain/quote.ts";

/** Taker fees by exchange id, in basis points. */
export type Fees = Readonly<Record<string, number>>;

/** The exchanges whose quotes are of pools. Of these the best price is that of the size which moves it by 1 bps, and gas is not in it. */
export function poolsOf(quotes: readonly Quote[]): ReadonlySet<string> {
  return new Set(quotes.filter(({ pool }) => pool !== undefined).map(({ exchange }) => exchange));
}

/** The two prices of an exchange; null where it has none. */
export type Prices = Pick<Quote, "exchange" | "bid" | "ask">;

export interface Route {
  buyExchange: string;
  sellExchange: string;
  /** Best ask of the exchange to buy from, in quote currency per base. */
  buyPrice: number;
  /** Best bid of the exchange to sell to. */
  sellPrice: number;
  grossBps: number;
  netBps: number;
}

/** Undefined where there was no route: fewer than two exchanges had a price. */
export interface Moment {
  /** ms since the epoch. */
  time: number;
  route: Route | undefined;
}

/**
 * The route with the best net edge; of equal ones the first. An exchange whose fee is not known is left out, for
 * nothing net can be said of it.
 */
export function bestRoute(prices: readonly Prices[], fees: Fees): Route | undefined {
  let best: Route | undefined;
  for (const buy of prices) {
    for (const sell of prices) {
      const route = routeOf(buy, sell, fees);
      if (route !== undefined && route.netBps > (best?.netBps ?? -Infinity)) best = route;
    }
  }
  return best;
}

/** What buying here and selling there is worth; undefined where a price or a fee is missing. */
export function routeOf(buy: Prices, sell: Prices, fees: Fees): Route | undefined {
  const [buyFee, sellFee] = [fees[buy.exchange], fees[sell.exchange]];
  const { ask: buyPrice } = buy;
  const { bid: sellPrice } = sell;
  if (buy.exchange === sell.exchange || buyFee === undefined || sellFee === undefined) return undefined;
  if (buyPrice === null || sellPrice === null) return undefined;
  return {
    buyExchange: buy.exchange,
    sellExchange: sell.exchange,
    buyPrice,
    sellPrice,
    grossBps: edgeBps(sellPrice, buyPrice),
    netBps: edgeBps(proceedsOf(sellPrice, sellFee), costOf(buyPrice, buyFee)),
  };
}

/** One moment at the end of each bar: what stood when the interval ended. `bars` in the order of time. */
export function momentsOfBars(bars: readonly Bar[], intervalMs: number, fees: Fees): Moment[] {
  const moments: Moment[] = [];
  for (let at = 0; at < bars.length;) {
    const { timestamp } = bars[at]!;
    const prices: Prices[] = [];
    for (; bars[at]?.timestamp === timestamp; at++) {
      const { exchange, bestBid, bestAsk } = bars[at]!;
      prices.push({ exchange, bid: bestBid, ask: bestAsk });
    }
    moments.push({ time: timestamp + intervalMs, route: bestRoute(prices, fees) });
  }
  return moments;
}

/**
 * A list of quotes does not tell when a feed died, so one that nothing followed counts for so long only: a gap in the
 * line is better than an edge that was not there.
 */
const STANDS_MS = 30_000;

/** Moments every `stepMs` from `from` to `to`, of the quotes of each exchange, oldest first. */
export function momentsOfQuotes(
  lists: readonly (readonly Quote[])[],
  { from, to, stepMs, fees }: { from: number; to: number; stepMs: number; fees: Fees },
): Moment[] {
  const next = lists.map(() => 0);
  const moments: Moment[] = [];
  for (let time = Math.ceil(from / stepMs) * stepMs; time <= to; time += stepMs) {
    const standing = lists.flatMap((quotes, list) => {
      while (quotes[next[list]!] !== undefined && quotes[next[list]!]!.receivedTime <= time) next[list]!++;
      const quote = quotes[next[list]! - 1];
      return quote?.fresh && time - quote.receivedTime <= STANDS_MS ? [quote] : [];
    });
    moments.push({ time, route: bestRoute(standing, fees) });
  }
  return moments;
}
