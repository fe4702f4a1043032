import assert from "node:assert/strict";
import { seed } from "../../tests/core/seed.ts";
import { seeded } from "../../tests/random.ts";
import { BPS, costOf, edgeBps, proceedsOf } from "../domain/edge.ts";
import type { Ladder } from "../domain/ladder.ts";
import { bestFill, type Leg } from "./fill.ts";

const ladder = (...steps: [price: number, size: number][]): Ladder => ({
  prices: steps.map(([price]) => price),
  sizes: steps.map(([, size]) => size),
  length: steps.length,
});
const leg = (ladder: Ladder, takerFeeBps = 0, fixedCostQuote = 0): Leg => ({
  ladder,
  takerFeeBps,
  fixedCostQuote,
});

const about = (actual: number, expected: number, what: string, tolerance = 1e-9) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what} is ${actual} instead of ${expected}`,
  );

/** Pays for `size` step by step; undefined where a ladder ends before. */
function worth(buy: Leg, sell: Leg, size: number) {
  const walk = ({ prices, sizes, length }: Ladder) => {
    let left = size;
    let quote = 0;
    for (let at = 0; at < length && left > 0; at++) {
      const part = Math.min(left, sizes[at]!);
      quote += part * prices[at]!;
      left -= part;
    }
    return left > 1e-12 * size ? undefined : quote;
  };
  const [paid, got] = [walk(buy.ladder), walk(sell.ladder)];
  if (paid === undefined || got === undefined) return undefined;
  const cost = costOf(paid, buy.takerFeeBps);
  const profit = proceedsOf(got, sell.takerFeeBps) - cost - buy.fixedCostQuote - sell.fixedCostQuote;
  return { cost, profit, netBps: profit / cost * BPS };
}

Deno.test("two tops of book are filled to the smaller size, at the edge of both prices", () => {
  const fill = bestFill(leg(ladder([67_000, 2]), 10), leg(ladder([67_201, 0.5]), 10), 5)!;
  assert.equal(fill.sizeBase, 0.5);
  about(fill.netBps, edgeBps(proceedsOf(67_201, 10), costOf(67_000, 10)), "Net edge");
  about(fill.profitQuote, 0.5 * (proceedsOf(67_201, 10) - costOf(67_000, 10)), "Profit");
  assert.equal(bestFill(leg(ladder([67_000, 2]), 10), leg(ladder([67_201, 0.5]), 10), 10), undefined);
});

Deno.test("deeper levels are taken as long as a unit brings more than it costs", () => {
  const asks = ladder([100, 1], [101, 1], [103, 5]);
  const bids = ladder([104, 1], [102, 3], [100, 9]);
  const fill = bestFill(leg(asks), leg(bids), 0)!;
  assert.deepEqual([fill.sizeBase, fill.costQuote, fill.proceedsQuote, fill.profitQuote], [2, 201, 206, 5]);
});

Deno.test("size ends within a level where the edge of the whole would fall below the least", () => {
  const fill = bestFill(leg(ladder([100, 1], [101, 10])), leg(ladder([102, 100])), 150)!;
  // 1 × 2 of 100 and x × 1 of 101 x: (2 + x) / (100 + 101 x) = 1.5 %.
  about(fill.sizeBase, 1 + (2 - 1.5) / (1.515 - 1), "Size");
  about(fill.netBps, 150, "Net edge");
});

Deno.test("a fixed cost is spread over the size: too small a size does not pay", () => {
  const [asks, bids] = [ladder([100, 10], [101, 10]), ladder([102, 30])];
  const fill = bestFill(leg(asks, 0, 3), leg(bids, 0, 2), 0)!;
  assert.deepEqual([fill.sizeBase, fill.profitQuote], [20, 25]);
  assert.equal(bestFill(leg(asks, 0, 40), leg(bids), 0), undefined);
  assert.equal(bestFill(leg(ladder([100, 2])), leg(ladder([102, 2]), 0, 4.001), 0), undefined);
});

Deno.test("nothing is known behind the end of a ladder, and an empty one fills nothing", () => {
  assert.equal(bestFill(leg(ladder([1, 3])), leg(ladder([2, 100])), 0)!.sizeBase, 3);
  assert.equal(bestFill(leg(ladder()), leg(ladder([2, 1])), -9_000), undefined);
  assert.equal(bestFill(leg(ladder([1, 1])), leg(ladder()), -9_000), undefined);
});

Deno.test("at a threshold below zero the least loss is shown, at the size of the best level", () => {
  const fill = bestFill(leg(ladder([100, 2], [101, 2])), leg(ladder([99, 1], [98, 1])), -9_000)!;
  assert.deepEqual([fill.sizeBase, fill.profitQuote, fill.netBps], [1, -1, -100]);
});

Deno.test("at a threshold below zero a fixed cost is spread just far enough, and no further", () => {
  const fill = bestFill(leg(ladder([100, 5], [101, 5])), leg(ladder([99.5, 9]), 0, 1), -150)!;
  // (0.5 x + 1) / 100 x = 1.5 %.
  about(fill.sizeBase, 1, "Size");
  about(fill.netBps, -150, "Net edge", 1e-6);
  assert.equal(bestFill(leg(ladder([100, 5])), leg(ladder([99.5, 9]), 0, 6), -150), undefined);
});

Deno.test("edge of exactly the least is enough, though it computes to a little less", () => {
  assert.ok((100.05 / 100 - 1) * BPS < 5);
  for (let ask = 1; ask <= 100; ask++) {
    // So much more than the ask and a fee of 11 bps is 2 bps, exactly.
    const bid = ask * 10_011 * 10_002 / 1e8;
    assert.equal(
      bestFill(leg(ladder([ask, 3]), 11), leg(ladder([bid, 2])), 2)?.sizeBase,
      2,
      `${bid} for ${ask}`,
    );
  }
  assert.equal(bestFill(leg(ladder([100, 3])), leg(ladder([100.0499, 2])), 5), undefined);
});

Deno.test("ladder is read as far as it is in use, and one that is broken ends", () => {
  const long = { ...ladder([100, 1], [100, 50]), length: 1 };
  assert.equal(bestFill(leg(long), leg(ladder([102, 9])), 0)!.sizeBase, 1);
  assert.equal(bestFill(leg(ladder([100, NaN], [100, NaN])), leg(ladder([102, 9])), 0), undefined);
  assert.equal(bestFill(leg(ladder([NaN, 1])), leg(ladder([102, 9])), 0), undefined);
});

Deno.test("no size leaves more at the least edge, over seeded ladders, fees, fixed costs and thresholds", () => {
  const random = seeded(seed);
  let filled = 0;
  for (let round = 0; round < 2_000; round++) {
    const steps = (sign: number): [number, number][] => {
      let price = 100 + sign * (random() - 0.6);
      return Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
        price += sign * random() * 0.2;
        return [price, Math.ceil(random() * 20) / 4];
      });
    };
    const buy = leg(ladder(...steps(1)), random() * 5, random() < 0.5 ? 0 : random());
    const sell = leg(ladder(...steps(-1)), random() * 5, random() < 0.5 ? 0 : random());
    const least = Math.floor(random() * 40);
    const fill = bestFill(buy, sell, least);
    const what = `Seed ${seed}, round ${round}`;
    if (fill !== undefined) {
      filled++;
      const { cost, profit, netBps } = worth(buy, sell, fill.sizeBase)!;
      about(fill.costQuote, cost, `${what}: cost`);
      about(fill.profitQuote, profit, `${what}: profit`, 1e-7);
      about(fill.netBps, netBps, `${what}: net edge`, 1e-6);
      assert.ok(netBps >= least - 1e-6, `${what}: ${netBps} bps`);
    }
    for (let at = 1; at <= 300; at++) {
      const one = worth(buy, sell, at / 10 + random() * 0.01);
      if (one === undefined || one.netBps < least) continue;
      assert.ok(
        one.profit <= (fill?.profitQuote ?? -Infinity) + 1e-9,
        `${what}: ${one.profit} was to be had`,
      );
    }
  }
  assert.ok(filled > 200, `Only ${filled} of the rounds had anything to fill`);
});
