import assert from "node:assert/strict";
import { QuoteState } from "../domain/quote.ts";
import { Best } from "./best.ts";
import { QuoteTable } from "./quote_table.ts";

function bench(fees: number[]) {
  const table = new QuoteTable(fees.map((_, id) => `x${id}`), ["A-B", "C-D"]);
  const best = new Best(table, fees);
  const set = (
    exchange: number,
    symbol: number,
    bid: number,
    ask: number,
    state: QuoteState = QuoteState.fresh,
  ) => {
    const cell = table.cell(exchange, symbol);
    table.bid[cell] = bid;
    table.ask[cell] = ask;
    table.state[cell] = state;
    best.update(cell, exchange, symbol);
    return Math.round(best.edgeBps(symbol) * 1e6) / 1e6;
  };
  return { table, best, set };
}

Deno.test("edge is unknown until there is a bid and an ask somewhere", () => {
  const { best, set } = bench([0, 0]);
  assert.equal(best.edgeBps(0), -Infinity);
  assert.equal(set(0, 0, 101, NaN), -Infinity);
  assert.equal(set(1, 0, NaN, 100), 100);
  assert.equal(best.edgeBps(1), -Infinity);
});

Deno.test("best holder that gets worse hands over to the next best, and wins it back", () => {
  const { set } = bench([0, 0, 0]);
  set(0, 0, 101, 110);
  set(1, 0, 102, 110);
  assert.equal(set(2, 0, 90, 100), 200);
  assert.equal(set(1, 0, 95, 110), 100);
  assert.equal(set(1, 0, 103, 110), 300);
  assert.equal(set(2, 0, 90, 103), 0);
});

Deno.test("best holder that goes stale, is withdrawn or loses a side leaves that side to the others", () => {
  const { set } = bench([0, 0]);
  set(0, 0, 101, 100);
  set(1, 0, 100.5, 100.25);
  assert.equal(set(0, 0, 101, 100, QuoteState.stale), 24.937656);
  assert.equal(set(0, 0, 101, 100), 100);
  assert.equal(set(0, 0, 101, 100, QuoteState.withdrawn), 24.937656);
  assert.equal(set(0, 0, NaN, 100), 50);
  assert.equal(set(1, 0, NaN, NaN), -Infinity);
});

Deno.test("best is the best after fees, not before", () => {
  const { set } = bench([100, 0]);
  set(0, 0, 100.5, 200);
  // 100.5 less 1 % is 99.495: the lower bid without a fee is the better one.
  set(1, 0, 100, 200);
  assert.equal(set(1, 0, 100, 100), 0);
});

Deno.test("symbols do not mix", () => {
  const { best, set } = bench([0, 0]);
  set(0, 0, 200, 100);
  assert.equal(best.edgeBps(1), -Infinity);
  set(1, 1, 50, 100);
  assert.equal(Math.round(best.edgeBps(0)), 10_000);
  assert.equal(Math.round(best.edgeBps(1)), -5_000);
});
