/** What bars of parts make of the whole, computed once more and as plainly as it can be said. */
import assert from "node:assert/strict";
import type { Bar } from "../../core/domain/bar.ts";

/** `partMs`: how long each part is. */
export function whole(parts: readonly Bar[], timestamp: number, lengthMs: number, partMs: number): Bar {
  const inOrder = [...parts].sort((a, b) => a.timestamp - b.timestamp);
  const sampled = inOrder.filter(({ samples }) => samples > 0);
  const counted = sampled.length > 0 ? sampled : inOrder;
  const minPrice = Math.min(...counted.map((bar) => bar.minPrice));
  const maxPrice = Math.max(...counted.map((bar) => bar.maxPrice));
  const mean = (bars: Bar[], value: (bar: Bar) => number, weight: (bar: Bar) => number) =>
    sum(bars.map((bar) => value(bar) * weight(bar))) / sum(bars.map(weight));
  const last = inOrder.at(-1)!;
  return {
    mode: last.mode,
    exchange: last.exchange,
    symbol: last.symbol,
    timestamp,
    averagePrice: sampled.length > 0
      ? mean(sampled, (bar) => bar.averagePrice, (bar) => bar.samples)
      : mean(inOrder, (bar) => bar.averagePrice, (bar) => bar.freshMs),
    timeWeightedPrice: mean(inOrder, (bar) => bar.timeWeightedPrice, (bar) => bar.freshMs),
    minPrice,
    maxPrice,
    minTime: Math.min(...counted.filter((bar) => bar.minPrice === minPrice).map((bar) => bar.minTime)),
    maxTime: Math.min(...counted.filter((bar) => bar.maxPrice === maxPrice).map((bar) => bar.maxTime)),
    firstPrice: counted[0]!.firstPrice,
    lastPrice: counted.at(-1)!.lastPrice,
    samples: sum(inOrder.map(({ samples }) => samples)),
    bestBid: last.bestBid,
    bestAsk: last.bestAsk,
    freshMs: sum(inOrder.map(({ freshMs }) => freshMs)),
    complete: inOrder.length * partMs >= lengthMs && inOrder.every(({ complete }) => complete),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** Equal, sums up to the rounding of another order of adding. */
export function sameBars(actual: readonly Bar[], expected: readonly Bar[]): void {
  assert.deepEqual(actual.map(exact), expected.map(exact));
  for (const [n, bar] of actual.entries()) {
    for (const field of ROUNDED) {
      const [one, other] = [bar[field], expected[n]![field]];
      assert.ok(Math.abs(one - other) <= 1e-11 * Math.abs(other), `${field} is ${one}, not ${other}`);
    }
  }
}

const ROUNDED = ["averagePrice", "timeWeightedPrice", "freshMs"] as const;

function exact(bar: Bar): Partial<Bar> {
  const { averagePrice: _, timeWeightedPrice: __, freshMs: ___, ...rest } = bar;
  return rest;
}
