/** The corners of a step that whole swaps seldom reach. */
import assert from "node:assert/strict";
import type { V3State } from "./pool.ts";
import { getSqrtRatioAtTick } from "./tick_math.ts";
import { v3ExactIn } from "./v3.ts";
import { amount0Delta, amount1Delta, swapStep } from "./v3_math.ts";

const Q96 = 1n << 96n;

Deno.test("amounts between two prices round up into the pool and down out of it, in any order", () => {
  // From a price of 1 to 4 at a liquidity of 3: 3 · (1/1 − 1/2) of token 0, 3 · (2 − 1) of token 1.
  for (const [a, b] of [[Q96, 2n * Q96], [2n * Q96, Q96]] as const) {
    assert.equal(amount0Delta(a, b, 3n, false), 1n);
    assert.equal(amount0Delta(a, b, 3n, true), 2n);
    assert.equal(amount1Delta(a, b, 3n, false), 3n);
    assert.equal(amount1Delta(a, b, 3n, true), 3n);
  }
  assert.equal(amount1Delta(Q96, Q96 + 1n, 3n, false), 0n);
  assert.equal(amount1Delta(Q96, Q96 + 1n, 3n, true), 1n);
});

Deno.test("a step whose smallest move pays more than was asked for pays what was asked for", () => {
  const deep = 1n << 110n;
  const falling = swapStep(Q96, Q96 / 2n, deep, -1n, 0n);
  assert.deepEqual(falling, { sqrtPriceX96: Q96 - 1n, amountIn: (1n << 14n) + 1n, amountOut: 1n, fee: 0n });
  // Asked for all but one unit, the price rounds onto the target and has reached it.
  const target = Q96 - 3n;
  const whole = amount1Delta(target, Q96, deep, false);
  const nearly = swapStep(Q96, target, deep, -(whole - 1n), 0n);
  assert.deepEqual([nearly.sqrtPriceX96, nearly.amountOut], [target, whole - 1n]);
});

Deno.test("where 256 bits would not hold the product the library's coarser formula counts", () => {
  const from = getSqrtRatioAtTick(880_000) + 12_345n;
  const liquidity = (1n << 127n) + 7n;
  const amount = (1n << 100n) + 3n;
  const shifted = liquidity << 96n;
  assert.ok(amount * from >= 1n << 256n);
  const coarse = (shifted + shifted / from + amount - 1n) / (shifted / from + amount);
  assert.equal(swapStep(from, 1n << 34n, liquidity, amount, 0n).sqrtPriceX96, coarse);
});

Deno.test("a step takes the fee out of what goes in, and of the last one what is left over", () => {
  const there = swapStep(Q96, Q96 / 2n, 10n ** 9n, 10n ** 18n, 3000n);
  assert.deepEqual(there, {
    sqrtPriceX96: Q96 / 2n,
    amountIn: 10n ** 9n,
    amountOut: 5n * 10n ** 8n,
    fee: 3_009_028n,
  });
  const within = swapStep(Q96, Q96 / 2n, 10n ** 9n, 10n ** 6n, 3000n);
  assert.equal(within.amountIn + within.fee, 10n ** 6n);
  assert.ok(within.fee >= 3000n && within.sqrtPriceX96 > Q96 / 2n);
});

/** One position without an end in sight, so that only the ends of words make stops. */
const plain: V3State = {
  sqrtPriceX96: getSqrtRatioAtTick(5) + 1n,
  tick: 5,
  liquidity: 1_000_003n,
  tickSpacing: 10,
  ticks: [],
  fromTick: -20_000,
  toTick: 20_000,
};

for (const [zeroForOne, ends] of [[true, [0, -2560, -5120]], [false, [2550, 5110, 7670]]] as const) {
  Deno.test(`a swap stops and rounds where words of the bitmap end, ${zeroForOne ? "down" : "up"}`, () => {
    let price = plain.sqrtPriceX96;
    let amountIn = 0n;
    let amountOut = 0n;
    for (const end of ends) {
      const step = swapStep(price, getSqrtRatioAtTick(end), plain.liquidity, 1n << 100n, 500n);
      price = step.sqrtPriceX96;
      amountIn += step.amountIn + step.fee;
      amountOut += step.amountOut;
    }
    const swap = v3ExactIn(plain, 500, zeroForOne, amountIn)!;
    assert.equal(swap.amountOut, amountOut);
    assert.equal(swap.sqrtPriceX96, price);
    assert.equal(swap.tick, zeroForOne ? -5121 : 7670);
    // One step to the same price would ask for less.
    const atOnce = swapStep(plain.sqrtPriceX96, price, plain.liquidity, 1n << 100n, 500n);
    assert.ok(atOnce.amountIn + atOnce.fee < amountIn);
    // Going down, the pool stands below the tick that it fell onto: off the ticks from there on.
    const window = zeroForOne ? { ...plain, fromTick: -5120 } : { ...plain, toTick: 7670 };
    assert.deepEqual(v3ExactIn(window, 500, zeroForOne, amountIn), zeroForOne ? undefined : swap);
    assert.equal(v3ExactIn(window, 500, zeroForOne, amountIn + 10n), undefined);
  });
}

Deno.test("a tick that takes more liquidity than there is has no swap across it", () => {
  const index = 100;
  const tooMuch = { index, liquidityGross: 2_000_000n, liquidityNet: -2_000_000n };
  const { sqrtPriceX96, liquidity } = plain;
  const step = swapStep(sqrtPriceX96, getSqrtRatioAtTick(index), liquidity, 1n << 100n, 500n);
  const wrong = { ...plain, ticks: [tooMuch] };
  assert.equal(v3ExactIn(wrong, 500, false, step.amountIn + step.fee), undefined);
  assert.equal(v3ExactIn(wrong, 500, false, step.amountIn + step.fee - 1n)!.tick, 99);
});
