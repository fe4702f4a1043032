/** The incremental best of a symbol against looking at every exchange again. */
import assert from "node:assert/strict";
import fc from "../tools/fast_check.ts";
import { costOf, edgeBps, proceedsOf } from "../../core/domain/edge.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { Best } from "../../core/screener/best.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { runs, seed } from "./seed.ts";

const price = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: 9_990, max: 10_010 }).map((value) => value / 100) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, 0, -1) },
);
const scene = fc.integer({ min: 1, max: 5 }).chain((exchanges) =>
  fc.record({
    fees: fc.array(fc.integer({ min: -5, max: 40 }), { minLength: exchanges, maxLength: exchanges }),
    updates: fc.array(
      fc.record({
        exchange: fc.integer({ min: 0, max: exchanges - 1 }),
        symbol: fc.integer({ min: 0, max: 1 }),
        state: fc.constantFrom(...[1, 1, 1, 1, 1, 1, 0, 2] as QuoteState[]),
        bid: price,
        ask: price,
      }),
      { maxLength: 100, size: "max" },
    ),
  })
);

Deno.test("best edge of a symbol is the best that a look at every exchange finds", () => {
  fc.assert(
    fc.property(scene, ({ fees, updates }) => {
      const table = new QuoteTable(fees.map((_, id) => `x${id}`), ["A-B", "C-D"]);
      const best = new Best(table, fees);
      for (const { exchange, symbol, state, bid, ask } of updates) {
        const cell = table.cell(exchange, symbol);
        table.state[cell] = state;
        table.bid[cell] = bid;
        table.ask[cell] = ask;
        best.update(cell, exchange, symbol);
        for (const each of [0, 1]) {
          const actual = best.edgeBps(each);
          const expected = rescanned(table, fees, each);
          if (expected === -Infinity) assert.equal(actual, -Infinity);
          else assert.ok(Math.abs(actual - expected) < 1e-8, `${actual}, not ${expected}`);
        }
      }
    }),
    { seed, numRuns: runs(2_000) },
  );
});

function rescanned(table: QuoteTable, fees: readonly number[], symbol: number): number {
  let proceeds = -Infinity;
  let cost = Infinity;
  for (const [exchange, fee] of fees.entries()) {
    const cell = table.cell(exchange, symbol);
    if (table.state[cell] !== QuoteState.fresh) continue;
    if (table.bid[cell]! > 0) proceeds = Math.max(proceeds, proceedsOf(table.bid[cell]!, fee));
    if (table.ask[cell]! > 0) cost = Math.min(cost, costOf(table.ask[cell]!, fee));
  }
  return proceeds === -Infinity || cost === Infinity ? -Infinity : edgeBps(proceeds, cost);
}
