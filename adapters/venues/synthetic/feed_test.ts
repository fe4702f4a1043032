import assert from "node:assert/strict";
import { FeedState } from "../../../core/app/telemetry.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import { run, specOf, until } from "../_base/testing.ts";
import { SyntheticMarket } from "./market.ts";

const SYMBOLS = ["BTC-USDT", "ETH-USDT", "SOL-USDT"];
const STEPS_PER_SECOND = 50;

Deno.test("synthetic feed quotes what the market of its seed says, whenever it starts", async () => {
  // It starts a day late.
  const startTime = Date.now() - 24 * 3_600_000;
  const exchanges = [{ id: "kraken", firstCell: 9 }];
  const test = { seed: 5, stepsPerSecond: STEPS_PER_SECOND, startTime };
  using feed = run(specOf(SYMBOLS, { venue: "kraken", feed: "synthetic", exchanges, test }));
  await until(() => feed.rows.read().all.length >= 60, "sixty quotes");
  feed.stop();
  const market = new SyntheticMarket(5, SYMBOLS, ["bybit", "okx", "gateio", "kraken"]);
  for (
    const { cell, state, bid, bidSize, ask, askSize, price, exchangeTime, receivedTime } of feed.rows.all
  ) {
    market.step(Math.round((exchangeTime - startTime) / 1000 * STEPS_PER_SECOND));
    const at = market.cell(3, cell - 9);
    const expected = [market.bid[at], market.bidSize[at], market.ask[at], market.askSize[at]];
    assert.deepEqual([bid, bidSize, ask, askSize], expected);
    assert.equal(state, QuoteState.fresh);
    assert.equal(price, (bid + ask) / 2);
    assert(receivedTime >= exchangeTime);
  }
  assert.deepEqual(new Set(feed.rows.all.map(({ cell }) => cell)), new Set([9, 10, 11]));
  assert.equal(feed.telemetry.feedState, FeedState.connected);
  assert.equal(feed.telemetry.instruments, 3);
});

Deno.test("synthetic feed leaves no step out, and stops", async () => {
  const startTime = Date.now();
  const exchanges = [{ id: "okx", firstCell: 0 }];
  const test = { seed: 1, stepsPerSecond: 200, startTime };
  using feed = run(specOf(SYMBOLS, { venue: "okx", feed: "synthetic", exchanges, test }));
  await until(() => feed.telemetry.frames >= 100, "a hundred steps");
  const { frames } = feed.telemetry;
  feed.stop();
  // What the market says in as many steps is exactly what came through.
  const market = new SyntheticMarket(1, SYMBOLS, ["okx"]);
  const first = Math.round((feed.rows.read().all[0]!.exchangeTime - startTime) / 5);
  let quoted = 0;
  for (let n = first; n < first + frames; n++) quoted += market.step(n).length;
  assert(
    feed.rows.all.length <= quoted && feed.rows.all.length > quoted / 2,
    "Only repetitions are left out",
  );
  assert.equal(feed.telemetry.frames, frames);
});
