/** Routes with pools: what counts of the row and of the ladders behind it, which may be newer. */
import assert from "node:assert/strict";
import { QuoteState } from "../domain/quote.ts";
import { about, bench, POOL, type Pool, priced } from "../../tests/core/pool_routes.ts";

for (
  const [state, reason] of [[QuoteState.stale, "leg_stale"], [QuoteState.withdrawn, "leg_withdrawn"]] as const
) {
  Deno.test(`pool whose row says ${reason} holds nothing open, whatever its ladder says`, () => {
    const { quote, row, publish, refused } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    assert.deepEqual(quote("p", "C-U", POOL, state), [`closed C-U p>b ${reason}`]);
    // The ladders of the next block are there before their row.
    publish("p", "C-U", { ...POOL, buy: [[900, 5]] });
    assert.deepEqual(row("b", "C-U", [1009, 1], [1010, 1]), []);
    if (state === QuoteState.stale) assert.equal(refused.leg_stale, 1);
    assert.deepEqual(quote("p", "C-U", { ...POOL, buy: [[900, 5]] }), ["opportunity C-U p>b"]);
  });
}

for (
  const [what, state, counted] of [["stale", QuoteState.stale, 1], [
    "withdrawn",
    QuoteState.withdrawn,
    0,
  ]] as const
) {
  Deno.test(`${what} pool counts ${counted} refusals when a book of the symbol ticks, whatever its ladder was`, () => {
    const { quote, row, refused } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    row("a", "C-U", [900, 1], [1000, 1]);
    quote("p", "C-U", POOL, state);
    const before = { ...refused };
    // What is open between the books has all routes looked at.
    assert.deepEqual(row("b", "C-U", [1009, 1], [1010, 1]), ["opportunity C-U a>b"]);
    assert.deepEqual(refused, { ...before, leg_stale: before.leg_stale + counted });
  });
}

Deno.test("pool without a ladder is no leg, though its row says that it quotes", () => {
  const { row, refused } = priced();
  row("p", "C-U", POOL.sell[0], POOL.buy[0]);
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), []);
  assert.equal(refused.leg_withdrawn, 1);
});

Deno.test("new ladder with the same first step changes the figures when its row comes", () => {
  const { quote, row, publish, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 4], [1010, 1]);
  assert.equal(only().sizeBase, 4, "all four steps are worth it");
  const shallow: Pool = { ...POOL, buy: [[1004, 1], [1007.9, 1], [1009, 5]], block: 2 };
  publish("p", "C-U", shallow);
  assert.equal(only().sizeBase, 4, "nothing has come yet");
  assert.deepEqual(quote("p", "C-U", shallow), ["opportunity C-U p>b"]);
  const one = only();
  assert.equal(one.sizeBase, 2);
  about(one.buyPrice, (1004 + 1007.9) / 2, "Price of the pool");
});

Deno.test("a pool whose row tells a larger size counts by its first step when it is decided whether to look", () => {
  const { publish, row, only } = priced({ minNetBps: 100 });
  row("b", "C-U", [1020, 0.5], [1021, 0.5]);
  publish("p", "C-U", { ...POOL, gasNative: 0 });
  // The mean of all four steps: at that price nothing would be left at the threshold.
  row("p", "C-U", [994.5, 4], [1010.5, 4]);
  about(only().buyPrice, 1004, "the price of what is bought");
});

Deno.test("ladder that is newer than its row is the one that counts", () => {
  const { quote, row, publish, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  publish("p", "C-U", { ...POOL, buy: [[1005, 9]], block: 2 });
  row("b", "C-U", [1008, 2], [1010, 1]);
  assert.deepEqual([only().buyPrice, only().sizeBase], [1005, 2]);
  // By its row it would still be open.
  publish("p", "C-U", { ...POOL, buy: [[1008, 9]], block: 3 });
  assert.deepEqual(row("b", "C-U", [1008, 2], [1010, 1]), ["closed C-U p>b below_threshold"]);
});

Deno.test("worker of the pools goes down: its routes close as that, also where it told the price of the coin", () => {
  const { quote, row, withdraw, table } = bench();
  quote("p", "N-U", { mid: 100, buy: [[101, 1]], sell: [[99, 1]] });
  quote("p", "C-U", POOL);
  quote("q", "C-U", { ...POOL, buy: [[1003, 5]] });
  row("b", "C-U", [1008, 1], [1010, 1]);
  assert.deepEqual(withdraw("p").sort(), ["closed C-U p>b worker_down", "closed C-U q>b gas_unknown"]);
  assert.equal(table.quote(table.cell(2, 1)), undefined);
  quote("p", "N-U", { mid: 100, buy: [[101, 1]], sell: [[99, 1]] });
  assert.deepEqual(quote("p", "C-U", POOL), ["opportunity C-U p>b"]);
});
