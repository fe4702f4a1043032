import assert from "node:assert/strict";
import { QuoteState } from "../domain/quote.ts";
import { Gas } from "./gas.ts";
import { refuse } from "./gates.ts";
import { RouteLeg } from "./legs.ts";
import { QuoteTable } from "./quote_table.ts";

/** Buying at cell 0, selling at cell 1; both fresh and with all there can be, except for what is given. */
function verdict(buy: Partial<Top> = {}, sell: Partial<Top> = {}, gas = [0, 0]) {
  const table = new QuoteTable(["buy", "sell"], ["A-B"]);
  const legs = [new RouteLeg("buy"), new RouteLeg("sell")] as const;
  for (const [cell, top] of [buy, sell].entries()) {
    const { state, bid, bidSize, ask, askSize } = { ...complete, ...top };
    table.state[cell] = state;
    table.bid[cell] = bid;
    table.bidSize[cell] = bidSize;
    table.ask[cell] = ask;
    table.askSize[cell] = askSize;
    legs[cell]!.take(table, new Gas(table, []), cell, cell, 0);
    legs[cell]!.fixedCostQuote = gas[cell]!;
  }
  return refuse(...legs);
}

interface Top {
  state: QuoteState;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
}
const complete: Top = { state: QuoteState.fresh, bid: 99, bidSize: 1, ask: 100, askSize: 1 };

Deno.test("gates let pass what is fresh and has a price and a size on the sides that are traded", () => {
  assert.equal(verdict(), undefined);
  assert.equal(verdict({ bid: NaN, bidSize: NaN }, { ask: NaN, askSize: NaN }), undefined);
});

Deno.test("withdrawn or stale leg is refused on either end, withdrawn before stale", () => {
  assert.equal(verdict({ state: QuoteState.withdrawn }), "leg_withdrawn");
  assert.equal(verdict({}, { state: QuoteState.withdrawn }), "leg_withdrawn");
  assert.equal(verdict({ state: QuoteState.stale }), "leg_stale");
  assert.equal(verdict({}, { state: QuoteState.stale }), "leg_stale");
  assert.equal(verdict({ state: QuoteState.stale }, { state: QuoteState.withdrawn }), "leg_withdrawn");
});

Deno.test("empty side is a withdrawn leg, whatever its size says", () => {
  for (const price of [NaN, 0, -1, Infinity]) {
    assert.equal(verdict({ ask: price }), "leg_withdrawn", `ask ${price}`);
    assert.equal(verdict({}, { bid: price }), "leg_withdrawn", `bid ${price}`);
    assert.equal(verdict({ ask: price, askSize: NaN }), "leg_withdrawn");
  }
});

Deno.test("price without a size is refused: nothing says that it can be filled", () => {
  for (const size of [NaN, 0, -1, Infinity]) {
    assert.equal(verdict({ askSize: size }), "size_unknown", `ask size ${size}`);
    assert.equal(verdict({}, { bidSize: size }), "size_unknown", `bid size ${size}`);
  }
});

Deno.test("leg whose gas is not known is refused on either end, after all that is wrong with its quote", () => {
  assert.equal(verdict({}, {}, [NaN, 3]), "gas_unknown");
  assert.equal(verdict({}, {}, [3, NaN]), "gas_unknown");
  assert.equal(verdict({}, {}, [3, 3]), undefined);
  assert.equal(verdict({ state: QuoteState.stale }, {}, [NaN, NaN]), "leg_stale");
});
