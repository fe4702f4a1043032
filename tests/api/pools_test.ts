/** What the API says of pools and of what a route costs. */
import assert from "node:assert/strict";
import { opportunityJson } from "../../core/app/wire.ts";
import { openPools, POOLS, ROUTES } from "./pool_market.ts";

Deno.test("a quote of a pool says which pool, its fee, its block and how old that is now", async () => {
  using program = openPools();
  const before = Date.now();
  const response = await program.app.request("/prices/latest/uniswap-v3/ETHUSDT");
  const after = Date.now();
  const { pool: { blockAgeMs, ...pool }, ...quote } = await response.json();
  assert.deepEqual(pool, POOLS["uniswap-v3"]);
  const { blockTime } = POOLS["uniswap-v3"]!;
  assert.ok(before - blockTime <= blockAgeMs && blockAgeMs <= after - blockTime, `${blockAgeMs} ms`);
  assert.deepEqual([quote.exchange, quote.bid, quote.ask, quote.fresh], [
    "uniswap-v3",
    3411.27,
    3414.69,
    true,
  ]);
});

Deno.test("in a list of quotes pools have their pool, and books have none", async () => {
  using program = openPools();
  const { quotes } = await (await program.app.request("/prices/latest/ETH-USDT")).json();
  const addresses = quotes.map((one: { exchange: string; pool?: { address: string } }) => [
    one.exchange,
    "pool" in one && one.pool!.address,
  ]);
  assert.deepEqual(addresses, [
    ["bybit", false],
    ["okx", false],
    ["uniswap-v2", POOLS["uniswap-v2"]!.address],
    ["uniswap-v3", POOLS["uniswap-v3"]!.address],
  ]);
});

Deno.test("recent quotes say of no exchange which pool it was, as a cache may not keep it", async () => {
  using program = openPools();
  const { quotes } = await (await program.app.request("/prices/recent/uniswap-v3/ETH-USDT")).json();
  assert.deepEqual(quotes.map((quote: object) => "pool" in quote), [false]);
});

Deno.test("what an opportunity costs is told apart, and adds up", async () => {
  using program = openPools();
  const { opportunities } = await (await program.app.request("/opportunities")).json();
  assert.equal(opportunities.length, ROUTES.length);
  for (const one of opportunities) {
    const { feesQuote, impactQuote, gasQuote } = ROUTES.find(({ id }) => id === one.id)!;
    const shown = [one.feesQuote, one.impactQuote, one.gasQuote];
    for (const [n, cost] of [feesQuote, impactQuote, gasQuote].entries()) {
      assert.ok(Math.abs(shown[n] - cost) < 1e-9, `${one.id}: ${shown}`);
    }
    const left = one.grossBps * one.notionalQuote / 10_000 - shown[0] - shown[1] - shown[2];
    assert.ok(Math.abs(left - one.profitQuote) < 1e-6, one.id);
  }
});

Deno.test("prices and sizes come as venues sent them, and computed ones without the noise of binary fractions", () => {
  const sent = [0.1, 65743.9, 1234567890.12345, 0.000000012345, 1e-100, 1e100, 123456789012345];
  for (const price of sent) {
    assert.equal(opportunityJson({ ...ROUTES[0]!, buyPrice: price, sizeBase: price }).buyPrice, price);
  }
  const { sizeBase } = opportunityJson({ ...ROUTES[0]!, sizeBase: 0.018550000000000004 });
  assert.equal(sizeBase, 0.01855);
});

Deno.test("the description has the pool of a quote, and does not ask for it", async () => {
  using program = openPools();
  const { components } = await (await program.app.request("/openapi.json")).json();
  const { properties, required } = components.schemas.Quote;
  assert.deepEqual(
    Object.keys(properties.pool.properties),
    ["address", "feePpm", "blockNumber", "blockTime", "blockAgeMs"],
  );
  assert.equal(required.includes("fresh"), true);
  assert.equal(required.includes("pool"), false);
});
