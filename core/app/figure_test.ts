import assert from "node:assert/strict";
import type { Bar } from "../domain/bar.ts";
import { figureOf } from "./figure.ts";

function bar(exchange: string, fields: Partial<Bar>): Bar {
  return {
    mode: "test",
    exchange,
    symbol: "BTC-USDT",
    timestamp: 0,
    averagePrice: 100,
    timeWeightedPrice: 100,
    minPrice: 100,
    maxPrice: 100,
    minTime: 0,
    maxTime: 0,
    firstPrice: 100,
    lastPrice: 100,
    samples: 1,
    bestBid: 99,
    bestAsk: 101,
    freshMs: 1000,
    complete: true,
    ...fields,
  };
}

Deno.test("the highest and the lowest say which exchange it was and when", () => {
  const bars = [
    bar("a", { minPrice: 90, minTime: 1, maxPrice: 110, maxTime: 2 }),
    bar("b", { minPrice: 80, minTime: 3, maxPrice: 109, maxTime: 4 }),
  ];
  const { timeWeightedPrice: _, ...highest } = figureOf("highest", bars);
  assert.deepEqual(highest, { price: 110, exchange: "a", timestamp: 2 });
  const { timeWeightedPrice: __, ...lowest } = figureOf("lowest", bars);
  assert.deepEqual(lowest, { price: 80, exchange: "b", timestamp: 3 });
});

Deno.test("of equal prices the earlier counts, then the exchange that is named first", () => {
  const late = bar("a", { maxPrice: 5, maxTime: 9 });
  const early = [bar("b", { maxPrice: 5, maxTime: 8 }), bar("c", { maxPrice: 5, maxTime: 8 })];
  assert.equal(figureOf("highest", [late, ...early]).exchange, "b");
});

Deno.test("a price that only stood does not count beside ticks, and counts where there are none", () => {
  const standing = bar("a", { maxPrice: 200, minPrice: 200, averagePrice: 200, samples: 0 });
  const ticking = bar("b", { maxPrice: 110, minPrice: 110, averagePrice: 110, samples: 2 });
  assert.equal(figureOf("highest", [standing, ticking]).price, 110);
  assert.equal(figureOf("average", [standing, ticking]).price, 110);
  assert.equal(figureOf("average", [standing, ticking]).exchange, "b");
  assert.equal(figureOf("highest", [standing]).price, 200);
});

Deno.test("an average over exchanges is the sum over all ticks by their number", () => {
  const bars = [bar("a", { averagePrice: 100, samples: 3 }), bar("b", { averagePrice: 200, samples: 1 })];
  assert.equal(figureOf("average", bars).price, 125);
  assert.equal(figureOf("average", bars).exchange, null);
  assert.equal(figureOf("average", bars).timestamp, null);
});

Deno.test("standing prices weigh by the time they stood, and the same where none stood at all", () => {
  const standing = (freshMs: [number, number]) => [
    bar("a", { averagePrice: 100, timeWeightedPrice: 100, samples: 0, freshMs: freshMs[0] }),
    bar("b", { averagePrice: 200, timeWeightedPrice: 200, samples: 0, freshMs: freshMs[1] }),
  ];
  assert.equal(figureOf("average", standing([3000, 1000])).price, 125);
  assert.equal(figureOf("average", standing([3000, 1000])).timeWeightedPrice, 125);
  assert.equal(figureOf("average", standing([0, 0])).price, 150);
});

Deno.test("the time-weighted average has every exchange that was fresh, with ticks or without", () => {
  const bars = [
    bar("a", { timeWeightedPrice: 100, samples: 0, freshMs: 1000 }),
    bar("b", { timeWeightedPrice: 200, samples: 5, freshMs: 1000 }),
  ];
  assert.equal(figureOf("average", bars).timeWeightedPrice, 150);
});

Deno.test("nothing is null, not zero", () => {
  for (const statistic of ["highest", "lowest", "average"] as const) {
    assert.deepEqual(figureOf(statistic, []), {
      price: null,
      timeWeightedPrice: null,
      exchange: null,
      timestamp: null,
    });
  }
});
