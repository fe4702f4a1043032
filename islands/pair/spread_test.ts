import assert from "node:assert/strict";
import type { Bar } from "../../core/domain/bar.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { bestRoute, momentsOfBars, momentsOfQuotes } from "./spread.ts";

const FEES = { okx: 10, kraken: 40, bybit: 10 };

const prices = (exchange: string, bid: number | null, ask: number | null) => ({ exchange, bid, ask });
const quote = (exchange: string, receivedTime: number, bid: number, ask: number, fresh = true) =>
  ({ exchange, receivedTime, bid, ask, fresh }) as Quote;
const bar = (exchange: string, timestamp: number, bestBid: number | null, bestAsk: number | null) =>
  ({ exchange, timestamp, bestBid, bestAsk }) as Bar;

Deno.test("the best route is the best after fees, not the widest", () => {
  // Kraken pays 10 bps more than Bybit, and takes 30 more.
  const route = bestRoute(
    [prices("okx", 99, 100), prices("kraken", 100.6, 101), prices("bybit", 100.5, 101)],
    FEES,
  );
  assert.equal(`${route?.buyExchange} ${route?.sellExchange}`, "okx bybit");
  assert.equal(route?.grossBps.toFixed(2), "50.00");
  assert.equal(route?.netBps.toFixed(2), "29.92");
});

Deno.test("a route that loses is a route, with what it loses", () => {
  const route = bestRoute([prices("okx", 100, 100), prices("bybit", 100, 100)], FEES);
  assert.equal(route?.netBps.toFixed(2), "-19.98");
});

Deno.test("no exchange trades with itself, with half a book, or without a known fee", () => {
  assert.equal(bestRoute([prices("okx", 101, 100)], FEES), undefined);
  assert.equal(bestRoute([prices("okx", null, 100), prices("bybit", null, 99)], FEES), undefined);
  assert.equal(bestRoute([prices("okx", 99, 100), prices("elsewhere", 120, 121)], FEES), undefined);
});

Deno.test("bars of one time make one moment, at the end of their interval", () => {
  const moments = momentsOfBars(
    [bar("okx", 0, 99, 100), bar("bybit", 0, 101, 102), bar("okx", 60_000, 99, 100)],
    60_000,
    FEES,
  );
  assert.deepEqual(moments.map(({ time, route }) => [time, route?.sellExchange]), [
    [60_000, "bybit"],
    [120_000, undefined],
  ]);
});

Deno.test("a quote stands until the next, but not for ever, and a stale one not at all", () => {
  const okx = [quote("okx", 1000, 99, 100)];
  const bybit = [
    quote("bybit", 1000, 99, 100),
    quote("bybit", 2000, 101, 102),
    quote("bybit", 4000, 1, 2, false),
  ];
  const moments = momentsOfQuotes([okx, bybit], { from: 500, to: 4000, stepMs: 1000, fees: FEES });
  assert.deepEqual(moments.map(({ time, route }) => [time, route?.sellPrice]), [
    [1000, 99],
    [2000, 101],
    [3000, 101],
    [4000, undefined],
  ]);
  const late = momentsOfQuotes([okx, bybit.slice(0, 2)], {
    from: 31_000,
    to: 32_000,
    stepMs: 1000,
    fees: FEES,
  });
  assert.deepEqual(late.map(({ route }) => route === undefined), [false, true]);
});
