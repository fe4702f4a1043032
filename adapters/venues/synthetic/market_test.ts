import assert from "node:assert/strict";
import { SyntheticMarket } from "./market.ts";

const EXCHANGES = ["bybit", "okx", "gateio", "kraken"];
const FEE_BPS = [10, 10, 10, 40];
const SYMBOLS = ["BTC", "ETH", "SOL", "XRP", "DOGE", "TON", "ADA", "LTC", "LINK", "AVAX"].map((base) =>
  `${base}-USDT`
);

function stateOf(market: SyntheticMarket): number[][] {
  return [market.bid, market.bidSize, market.ask, market.askSize].map((words) => [...words]);
}

/** The routes that were open at one step or another, and the venues on them. */
function routes(seed: number, from: number, to: number): { venues: Set<string>; routes: Set<string> } {
  const market = new SyntheticMarket(seed, SYMBOLS, EXCHANGES);
  const found = { venues: new Set<string>(), routes: new Set<string>() };
  for (let n = from; n < to; n++) {
    market.step(n);
    for (let symbol = 0; symbol < SYMBOLS.length; symbol++) {
      for (let buy = 0; buy < EXCHANGES.length; buy++) {
        for (let sell = 0; sell < EXCHANGES.length; sell++) {
          const paid = market.ask[market.cell(buy, symbol)]! * (1 + FEE_BPS[buy]! / 1e4);
          const got = market.bid[market.cell(sell, symbol)]! * (1 - FEE_BPS[sell]! / 1e4);
          if ((got / paid - 1) * 1e4 < 5) continue;
          found.venues.add(EXCHANGES[buy]!).add(EXCHANGES[sell]!);
          found.routes.add(`${SYMBOLS[symbol]} ${buy} ${sell}`);
        }
      }
    }
  }
  return found;
}

Deno.test("market is the same for the same seed and step, whatever way led there", () => {
  const walked = new SyntheticMarket(7, SYMBOLS, EXCHANGES);
  for (let n = 0; n <= 1_000; n++) walked.step(n);
  const jumped = new SyntheticMarket(7, SYMBOLS, EXCHANGES);
  jumped.step(5_000_000);
  jumped.step(1_000);
  assert.deepEqual(stateOf(jumped), stateOf(walked));
});

Deno.test("market of one venue alone quotes what it quotes among others", () => {
  const all = new SyntheticMarket(3, SYMBOLS, EXCHANGES);
  const alone = new SyntheticMarket(3, SYMBOLS.slice(4), ["okx"]);
  for (const n of [0, 17, 4_242]) {
    all.step(n);
    alone.step(n);
    for (let symbol = 4; symbol < SYMBOLS.length; symbol++) {
      assert.equal(alone.bid[alone.cell(0, symbol - 4)], all.bid[all.cell(1, symbol)]);
      assert.equal(alone.askSize[alone.cell(0, symbol - 4)], all.askSize[all.cell(1, symbol)]);
    }
  }
});

Deno.test("market of another seed is another market", () => {
  const one = new SyntheticMarket(1, SYMBOLS, EXCHANGES);
  const two = new SyntheticMarket(2, SYMBOLS, EXCHANGES);
  one.step(0);
  two.step(0);
  assert.notDeepEqual(stateOf(one), stateOf(two));
});

Deno.test("market prices what stands for a coin like the coin, and all dollars alike", () => {
  const alike = [["BTC-USDT", "WBTC-USDT"], ["ETH-USDT", "ETH-USDC"]];
  const market = new SyntheticMarket(5, alike.flat(), EXCHANGES);
  const middle = (symbol: number) => {
    const mids = EXCHANGES.map((_, at) => market.cell(at, symbol)).map((at) =>
      market.bid[at]! + market.ask[at]!
    );
    return mids.sort((a, b) => a - b)[1]! / 2;
  };
  let apart = 0;
  for (let n = 0; n < 400_000; n += 5_000) {
    market.step(n);
    for (const [at] of alike.entries()) {
      // What remains is what single venues add of their own: the middle of several seldom drifts.
      const bps = Math.abs(middle(2 * at) / middle(2 * at + 1) - 1) * 1e4;
      if (bps > 10) apart++;
    }
  }
  assert(apart < 16, `${apart} of 160 times they were apart`);
});

Deno.test("market prices and sizes print exactly and never cross", () => {
  const market = new SyntheticMarket(11, [...SYMBOLS, "ETH-BTC", "WHATEVER-USDT", "Ω-USDC"], EXCHANGES);
  for (let n = 0; n < 2_000; n += 7) {
    market.step(n);
    for (let cell = 0; cell < market.bid.length; cell++) {
      const { priceDecimals, sizeDecimals } = market.listings[cell % market.symbols.length]!;
      assert(market.bid[cell]! > 0 && market.bid[cell]! < market.ask[cell]!);
      assert(market.bidSize[cell]! > 0 && market.askSize[cell]! > 0);
      assert.equal(Number(market.bid[cell]!.toFixed(priceDecimals)), market.bid[cell]);
      assert.equal(Number(market.ask[cell]!.toFixed(priceDecimals)), market.ask[cell]);
      assert.equal(Number(market.bidSize[cell]!.toFixed(sizeDecimals)), market.bidSize[cell]);
    }
  }
});

Deno.test("market stays near its listing prices for a year", () => {
  const market = new SyntheticMarket(5, SYMBOLS, EXCHANGES);
  for (let day = 0; day < 365; day++) {
    market.step(day * 24 * 3_600 * 20);
    for (let cell = 0; cell < market.bid.length; cell++) {
      const reference = market.listings[cell % SYMBOLS.length]!.price;
      assert(Math.abs(market.bid[cell]! / reference - 1) < 0.08);
    }
  }
});

Deno.test("market step names exactly the cells that were quoted anew", () => {
  const market = new SyntheticMarket(1, SYMBOLS, EXCHANGES);
  assert.equal(market.step(0).length, SYMBOLS.length * EXCHANGES.length);
  assert.equal(market.step(0).length, 0);
  for (let n = 1; n < 50; n++) {
    const before = stateOf(market);
    const changed = new Set(market.step(n));
    assert(changed.size > 0 && changed.size < market.bid.length);
    for (const [word, values] of stateOf(market).entries()) {
      for (const [cell, value] of values.entries()) {
        if (!changed.has(cell)) assert.equal(value, before[word]![cell]);
      }
    }
  }
});

Deno.test("market opens routes on all four venues within the first ten seconds, and closes them", () => {
  for (let seed = 0; seed < 100; seed++) {
    const { venues, routes: open } = routes(seed, 0, 200);
    assert.deepEqual([...venues].sort(), [...EXCHANGES].sort(), `Seed ${seed}`);
    assert(open.size >= 4, `Seed ${seed} opened ${open.size} routes`);
    const now = routes(seed, 200, 201).routes;
    assert(now.size < open.size, `Seed ${seed} closed none of ${open.size} routes`);
  }
});
