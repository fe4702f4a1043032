import assert from "node:assert/strict";
import type { Ladder } from "../../../core/domain/ladder.ts";
import { fromTokens, type Rung, v2Ladder } from "./ladder.ts";
import { buySteps, sellSteps } from "./ladder_steps.ts";
import { v2AmountOut } from "./v2.ts";

const WETH = { address: "0x01", decimals: 18 };
const USDT = { address: "0x02", decimals: 6 };
const state = { reserve0: 1000n * 10n ** 18n, reserve1: 2_500_000n * 10n ** 6n };

function listed({ prices, sizes, length }: Ladder) {
  return { prices: Array.from(prices), sizes: Array.from(sizes), length };
}

/** The amount of quote that steps make of a size of base. */
function quoteFor({ prices, sizes, length }: Ladder, sizeBase: number): number {
  let quote = 0;
  for (let i = 0; i < length; i++) {
    const taken = Math.min(sizeBase, sizes[i]!);
    quote += taken * prices[i]!;
    sizeBase -= taken;
  }
  return quote;
}

const sizesOf = (decimals: number, tokens: number[]) => tokens.map((size) => fromTokens(size, decimals));

Deno.test("steps to sell add up to what the pool pays, and pay less in between", () => {
  const rungs = v2Ladder(state, 3000, true, sizesOf(18, [0.5, 1, 2, 5, 10, 50, 100]));
  const steps = listed(sellSteps(rungs, WETH, USDT));
  assert.equal(steps.length, 7);
  assert.deepEqual(steps.sizes.slice(0, 4), [0.5, 0.5, 1, 3]);
  assert.ok(steps.prices.every((price, i) => i === 0 || price < steps.prices[i - 1]!));
  for (
    const [sizeBase, sharpness] of [[0.5, 1e-12], [5, 1e-12], [100, 1e-12], [0.7, 1e-3], [70, 0.05]] as const
  ) {
    const exact = Number(v2AmountOut(state, 3000, true, fromTokens(sizeBase, 18))) / 1e6;
    const quote = quoteFor(steps, sizeBase);
    assert.ok(
      quote <= exact * (1 + 1e-12) && quote > exact * (1 - sharpness),
      `${sizeBase}: ${quote}, ${exact}`,
    );
  }
});

Deno.test("steps to buy have what goes in as quote and what comes out as base", () => {
  const rungs = v2Ladder(state, 3000, false, sizesOf(6, [1000, 5000, 100_000]));
  const steps = listed(buySteps(rungs, WETH, USDT));
  assert.ok(steps.prices.every((price, i) => price > 2500 && (i === 0 || price > steps.prices[i - 1]!)));
  const sizeBase = steps.sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(Math.abs(sizeBase * 1e18 / Number(rungs.at(-1)!.amountOut) - 1) < 1e-12);
  assert.ok(Math.abs(quoteFor(steps, sizeBase) / 100_000 - 1) < 1e-12);
});

Deno.test("dust that pays nothing, or less than it would with more, belongs to the next step", () => {
  const token = { address: "0x03", decimals: 0 };
  const rungs = (...pairs: [bigint, bigint][]): Rung[] =>
    pairs.map(([amountIn, amountOut]) => ({ amountIn, amountOut }));
  const dusty = sellSteps(rungs([1n, 0n], [3n, 2n], [5n, 3n], [6n, 4n], [8n, 4n]), token, token);
  assert.deepEqual(dusty, { prices: [2 / 3], sizes: [6], length: 1 });
  assert.deepEqual(sellSteps(rungs([1n, 0n], [9n, 0n]), token, token), { prices: [], sizes: [], length: 0 });
  assert.deepEqual(buySteps([], token, token), { prices: [], sizes: [], length: 0 });
});
