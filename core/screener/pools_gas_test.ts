/** Routes with pools: what gas costs, and what becomes of them where that is not known. */
import assert from "node:assert/strict";
import { QuoteState } from "../domain/quote.ts";
import { about, bench, POOL, priced } from "../../tests/core/pool_routes.ts";

Deno.test("gas that a small size cannot bear is no opportunity, and becomes one when the book gets deeper", () => {
  const { quote, row, only, refused } = priced();
  quote("p", "C-U", POOL);
  // 4 a unit are left of 1004: 0.2 of it do not pay for a gas of 1.
  assert.deepEqual(row("b", "C-U", [1008, 0.2], [1010, 1]), []);
  assert.deepEqual(refused, { leg_withdrawn: 0, leg_stale: 0, size_unknown: 0, gas_unknown: 0 });
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), ["opportunity C-U p>b"]);
  about(only().profitQuote, 3, "Profit");
});

Deno.test("gas eats the edge of one that is open: it closes", () => {
  const { quote, row } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.02 }), ["opportunity C-U p>b"]);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.05 }), ["closed C-U p>b below_threshold"]);
});

Deno.test("dearer gas alone is told, at the same prices and the same size", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  const before = { ...only() };
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.0125 }), ["opportunity C-U p>b"]);
  assert.deepEqual([only().sizeBase, only().buyPrice], [before.sizeBase, before.buyPrice]);
  assert.deepEqual([before.gasQuote, only().gasQuote], [1, 1.25]);
  assert.ok(only().profitQuote < before.profitQuote);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.0125 }), []);
});

Deno.test("route is refused where nothing says what gas costs, counted, and opens with the price of the coin", () => {
  const { quote, row, only, refused } = bench();
  quote("p", "C-U", POOL);
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), []);
  assert.equal(refused.gas_unknown, 1);
  assert.deepEqual(row("a", "N-U", [99, 1], [101, 1]), ["opportunity C-U p>b"]);
  assert.equal(only().gasQuote, 1);
  // What the swap takes may be what is missing.
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: NaN }), ["closed C-U p>b gas_unknown"]);
  assert.deepEqual(quote("p", "C-U", POOL), ["opportunity C-U p>b"]);
});

for (const [what, state] of [["stale", QuoteState.stale], ["withdrawn", QuoteState.withdrawn]] as const) {
  Deno.test(`last price of the coin goes ${what}: what pays gas in it closes at once, books among themselves stay`, () => {
    const { quote, row } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    assert.deepEqual(row("a", "C-U", [900, 1], [1000, 1]), ["opportunity C-U a>b"]);
    row("b", "N-U", [98, 1], [100, 1]);
    assert.deepEqual(row("a", "N-U", [99, 1], [101, 1], state), [], "there is another one");
    assert.deepEqual(row("b", "N-U", [99, 1], [101, 1], state), ["closed C-U p>b gas_unknown"]);
    assert.deepEqual(row("a", "N-U", [99, 1], [101, 1]), ["opportunity C-U p>b"]);
  });
}

Deno.test("price of the coin is the median of the fresh ones: one venue that is off does not move it", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "N-U", [4999, 1], [5001, 1]);
  // Two: the middle between them, 2550.
  quote("p", "N-U", { mid: 102, buy: [[103, 1]], sell: [[101, 1]] });
  // Three: 100, 102 and 5000.
  row("b", "C-U", [1008, 4], [1010, 1]);
  about(only().gasQuote, 1.02, "Gas");
  row("b", "N-U", [4999, 1], [5001, 1], QuoteState.stale);
  row("b", "C-U", [1008, 3], [1010, 1]);
  about(only().gasQuote, 1.01, "Gas of two");
});

Deno.test("gas is not worth more or less where the quote currency is the coin that pays for it", () => {
  const { quote, row, only } = bench();
  quote("p", "C-N", { mid: 10, buy: [[10.04, 1]], sell: [[9.96, 1]] });
  assert.deepEqual(row("b", "C-N", [10.2, 1], [10.3, 1]), ["opportunity C-N p>b"]);
  assert.equal(only().gasQuote, 0.01);
});

Deno.test("gas in a currency in which nobody quotes the coin is not known", () => {
  const { quote, row, refused } = priced();
  quote("p", "C-V", POOL);
  assert.deepEqual(row("b", "C-V", [1008, 1], [1010, 1]), []);
  assert.equal(refused.gas_unknown, 1);
});
