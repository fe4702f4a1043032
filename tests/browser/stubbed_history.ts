/**
 * A history for the page of a pair that is longer than a test can wait for: bars, recent quotes and episodes, answered
 * in place of the program. Everything else goes through to it.
 */
import type { Bar } from "../../core/domain/bar.ts";
import { INTERVAL_MS } from "../../islands/pair/bars.ts";
import { seeded } from "../random.ts";
import type { Page, Route } from "../tools/playwright.ts";

/** As the API states it among others of the same pair. */
type BarJson = Omit<Bar, "mode" | "symbol">;

const EXCHANGES = ["bybit", "okx", "gateio", "kraken"];
const PRICE = 65_800;

/** Every `BROKEN`th bar of each exchange is not complete. */
const BROKEN = 17;

/** `bars` answers in place of the made-up ones. The last call counts. */
export async function stubHistory(page: Page, bars?: (route: Route) => Promise<void>): Promise<void> {
  await page.route("**/prices/history/**", (route) => {
    if (bars !== undefined) return bars(route);
    const url = new URL(route.request().url());
    const interval = url.searchParams.get("interval") as keyof typeof INTERVAL_MS;
    const all = barsOf(Number(url.searchParams.get("from")), Date.now(), INTERVAL_MS[interval]);
    return route.fulfill({ json: { symbol: "BTC-USDT", mode: "test", interval, bars: all } });
  });
  await page.route(
    "**/opportunities/history?**",
    (route) => route.fulfill({ json: { episodes: episodesOf(Date.now()), nextCursor: null } }),
  );
  await page.route("**/prices/recent/**", (route) => {
    const exchange = new URL(route.request().url()).pathname.split("/").at(-2)!;
    return route.fulfill({
      json: { exchange, symbol: "BTC-USDT", mode: "test", quotes: quotesOf(exchange, Date.now()) },
    });
  });
}

/** The same price for the same exchange and moment, whoever asks. */
function middle(exchange: string, time: number): number {
  const at = EXCHANGES.indexOf(exchange);
  const wave = (periodMs: number, phase: number) => Math.sin(time / periodMs * 2 * Math.PI + phase);
  const common = 180 * wave(5_400_000, 0) + 70 * wave(1_260_000, 1) + 25 * wave(207_000, 2) +
    2_000 * wave(9e8, 3);
  return PRICE + common + 60 * wave(640_000 + at * 90_000, at) + 20 * wave(31_000 + at * 5000, at * 2);
}

function barsOf(from: number, to: number, lengthMs: number): BarJson[] {
  const bars: BarJson[] = [];
  for (let timestamp = Math.ceil(from / lengthMs) * lengthMs; timestamp < to; timestamp += lengthMs) {
    for (const exchange of EXCHANGES) {
      const end = Math.min(to, timestamp + lengthMs);
      const next = seeded(timestamp / lengthMs * EXCHANGES.length + EXCHANGES.indexOf(exchange));
      const steps = Array.from({ length: 13 }, (_, at) => {
        const time = timestamp + (end - timestamp) * at / 12;
        return { time, price: middle(exchange, time) + (next() - 0.5) * 16 };
      });
      const low = steps.reduce((a, b) => b.price < a.price ? b : a);
      const high = steps.reduce((a, b) => b.price > a.price ? b : a);
      const average = steps.reduce((sum, step) => sum + step.price, 0) / steps.length;
      const last = steps.at(-1)!.price;
      const broken = end < timestamp + lengthMs || Math.round(timestamp / lengthMs) % BROKEN === 0;
      bars.push({
        exchange,
        timestamp,
        averagePrice: average,
        timeWeightedPrice: average,
        minPrice: low.price,
        maxPrice: high.price,
        minTime: Math.round(low.time),
        maxTime: Math.round(high.time),
        firstPrice: steps[0]!.price,
        lastPrice: last,
        samples: 240,
        bestBid: last - 3,
        bestAsk: last + 3,
        freshMs: broken ? (end - timestamp) / 2 : lengthMs,
        complete: !broken,
      });
    }
  }
  return bars;
}

function quotesOf(exchange: string, now: number) {
  return Array.from({ length: 600 }, (_, at) => {
    const receivedTime = now - (600 - at) * 500;
    const price = middle(exchange, receivedTime);
    return {
      exchange,
      symbol: "BTC-USDT",
      bid: price - 3,
      bidSize: 0.5,
      ask: price + 3,
      askSize: 0.5,
      price,
      exchangeTime: receivedTime - 20,
      receivedTime,
      fresh: true,
    };
  });
}

function episodesOf(now: number) {
  const next = seeded(11);
  return Array.from({ length: 20 }, (_, at) => {
    const time = now - (at * 50 + 20) * 1000;
    const [buyExchange, sellExchange] = at % 2 ? ["bybit", "kraken"] : ["gateio", "okx"];
    const moment = (ago: number, netBps: number) => ({
      time: time - ago,
      buyPrice: 65_700,
      sellPrice: 65_900,
      sizeBase: 0.1 + next() * 0.4,
      notionalQuote: 9_000,
      grossBps: netBps + 20.1,
      netBps,
      feesQuote: 18.09,
      impactQuote: 0,
      gasQuote: 0,
      profitQuote: netBps * 0.9,
    });
    return {
      id: `stub-${at}`,
      mode: "test",
      symbol: "BTC-USDT",
      buyExchange,
      sellExchange,
      buyFeeBps: 10,
      sellFeeBps: 10,
      start: moment(2_000 + next() * 20_000, 5),
      peak: moment(1000, 8 + next() * 40),
      end: moment(0, 2.9),
      reason: at % 5 === 3 ? "leg_stale" : "below_threshold",
    };
  });
}
