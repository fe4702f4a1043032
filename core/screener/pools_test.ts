/** Routes between books and pools: how much is taken of a ladder, and what becomes of it. */
import assert from "node:assert/strict";
import { about, POOL, type Pool, priced } from "../../tests/core/pool_routes.ts";

Deno.test("pool against book: bought along the ladder as far as the book pays for it, figures by hand", () => {
  const { quote, row, only } = priced({ takerFeeBps: [10, 10, 0, 0] });
  quote("p", "C-U", POOL);
  // 10 bps of 1008.5 are left to the venue: a unit brings 1007.4915, so the step at 1007 is the last that could pay.
  assert.deepEqual(row("b", "C-U", [1008.5, 3], [1010, 1]), ["opportunity C-U p>b"]);
  const one = only();
  assert.equal(one.sizeBase, 3, "no more than the book takes");
  about(one.buyPrice, 1005, "Price of the pool");
  assert.equal(one.sellPrice, 1008.5);
  about(one.notionalQuote, 3015, "Notional");
  about(one.grossBps, 3 * 8.5 / 3015 * 1e4, "Gross");
  // 10 bps of 3 × 1008.5, and 0.3 % of the 3015 that go into the pool.
  about(one.feesQuote, 3.0255 + 9.045, "Fees");
  assert.equal(one.gasQuote, 1);
  about(one.impactQuote, 3015 - 9.045 - 3000, "Impact");
  about(one.profitQuote, 3 * 1007.4915 - 3015 - 1, "Profit");
  about(one.netBps, one.profitQuote / 3015 * 1e4, "Net");
  about(3 * 8.5 - one.feesQuote - one.impactQuote - one.gasQuote, one.profitQuote, "What is left of gross");
});

Deno.test("book against pool: sold along the ladder, and what the pool keeps of base counts at its middle", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  assert.deepEqual(row("b", "C-U", [980, 1], [991, 2.5]), ["opportunity C-U b>p"]);
  const one = only();
  assert.equal(one.sizeBase, 2.5);
  about(one.sellPrice, (996 + 995 + 0.5 * 994) / 2.5, "Price of the pool");
  about(one.feesQuote, 0.003 * 2.5 * 1000, "Fee");
  about(one.impactQuote, 2.5 * 1000 * 0.997 - 2.5 * one.sellPrice, "Impact");
  about(one.profitQuote, 2.5 * one.sellPrice - 2.5 * 991 - 1, "Profit");
  about(one.grossBps, 2.5 * 9 / (2.5 * 991) * 1e4, "Gross");
});

Deno.test("size ends where the impact eats what a unit brings", () => {
  const { quote, row, only } = priced({ minNetBps: 0 });
  quote("p", "C-U", POOL);
  row("b", "C-U", [1005.5, 100], [1010, 1]);
  const { sizeBase, profitQuote } = only();
  assert.equal(sizeBase, 2);
  about(profitQuote, 1.5 + 0.5 - 1, "Profit");
});

Deno.test("pool against pool pays the gas of both, and keeps the fee of both", () => {
  const { quote, only } = priced();
  quote("p", "C-U", POOL);
  const high: Pool = { mid: 1020, feePpm: 500, buy: [[1021, 9]], sell: [[1019, 2]], gasNative: 0.03 };
  assert.deepEqual(quote("q", "C-U", high), ["opportunity C-U p>q"]);
  const one = only();
  assert.equal(one.sizeBase, 2);
  assert.equal(one.gasQuote, 4);
  about(one.feesQuote, 0.003 * 2009 + 0.0005 * 2 * 1020, "Fees");
  about(one.impactQuote, (2009 * 0.997 - 2000) + (2040 * 0.9995 - 2038), "Impact");
  about(one.profitQuote, 2038 - 2009 - 4, "Profit");
});

Deno.test("open one keeps showing what is to be had at the threshold, and what is left of it below", () => {
  const { quote, row, only } = priced({ minNetBps: 20, hysteresisBps: 10 });
  quote("p", "C-U", { ...POOL, buy: [[1000, 1], [1002, 10]], gasNative: 0 });
  row("b", "C-U", [1003, 100], [1010, 1]);
  // 3 of the first unit, 1 of each after it: x = 0.996 / 1.004 more until 20 bps are left of the whole.
  about(only().sizeBase, 1 + (3 - 2) / (2.004 - 1), "Size");
  about(only().netBps, 20, "Net");
  // Now the first unit alone has 15: what is taken is what keeps 10.
  assert.deepEqual(row("b", "C-U", [1001.5, 100], [1010, 1]), ["opportunity C-U p>b"]);
  about(only().netBps, 15, "Net below");
  assert.equal(only().sizeBase, 1);
  assert.deepEqual(row("b", "C-U", [1000.9, 100], [1010, 1]), ["closed C-U p>b below_threshold"]);
});
