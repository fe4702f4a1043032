import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import type { InitializedTick, V3State } from "./pool.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, MAX_TICK, MIN_TICK } from "./tick_math.ts";
import { v3ExactIn, v3ExactOut, type V3Swap } from "./v3.ts";

/** A pool of overlapping positions around a price, all of its ticks loaded unless the window says otherwise. */
function poolOf(seed: number, tickSpacing: number): V3State {
  const random = seeded(seed);
  const centre = Math.floor((random() - 0.5) * 400_000);
  const sqrtPriceX96 = getSqrtRatioAtTick(centre) + BigInt(Math.floor(random() * 1e6));
  const tick = getTickAtSqrtRatio(sqrtPriceX96);
  const ticks = new Map<number, InitializedTick>();
  let liquidity = 0n;
  const add = (index: number, gross: bigint, net: bigint) => {
    const there = ticks.get(index) ?? { index, liquidityGross: 0n, liquidityNet: 0n };
    ticks.set(index, {
      index,
      liquidityGross: there.liquidityGross + gross,
      liquidityNet: there.liquidityNet + net,
    });
  };
  const base = Math.floor(centre / tickSpacing);
  for (let i = 0; i < 30; i++) {
    const lower = (base + Math.floor((random() - 0.7) * 600)) * tickSpacing;
    const upper = lower + (1 + Math.floor(random() * 500)) * tickSpacing;
    const amount = BigInt(Math.floor(random() * 2 ** 40)) << BigInt(Math.floor(random() * 30));
    add(lower, amount, amount);
    add(upper, amount, -amount);
    if (lower <= tick && tick < upper) liquidity += amount;
  }
  const sorted = [...ticks.values()].sort((a, b) => a.index - b.index);
  return { sqrtPriceX96, tick, liquidity, tickSpacing, ticks: sorted, fromTick: MIN_TICK, toTick: MAX_TICK };
}

const POOLS: [V3State, number][] = [1, 10, 60, 200].flatMap((spacing, i) =>
  Array.from({ length: 10 }, (_, j) =>
    [poolOf(100 * i + j, spacing), [100, 500, 3000, 10_000][i]!] as [
      V3State,
      number,
    ])
);

function* swaps(): Generator<[V3State, number, boolean, bigint, V3Swap, () => number]> {
  const random = seeded(3);
  for (const [state, fee] of POOLS) {
    for (let i = 0; i < 30; i++) {
      const size = 1n + BigInt(Math.floor(random() * 2 ** 32)) << BigInt(Math.floor(random() * 40));
      const swap = v3ExactIn(state, fee, i % 2 === 0, size);
      if (swap !== undefined) yield [state, fee, i % 2 === 0, size, swap, random];
    }
  }
}

const after = (state: V3State, { sqrtPriceX96, tick, liquidity }: V3Swap): V3State => ({
  ...state,
  sqrtPriceX96,
  tick,
  liquidity,
});

Deno.test("a swap takes exactly what was put in and leaves liquidity, tick and price in agreement", () => {
  let crossed = 0;
  for (const [state, , , size, swap] of swaps()) {
    assert.equal(swap.amountIn, size);
    const standing = state.ticks.reduce(
      (sum, { index, liquidityNet }) => index <= swap.tick ? sum + liquidityNet : sum,
      0n,
    );
    assert.equal(swap.liquidity, standing);
    const tick = getTickAtSqrtRatio(swap.sqrtPriceX96);
    assert.ok(
      swap.tick === tick || (swap.tick === tick - 1 && getSqrtRatioAtTick(tick) === swap.sqrtPriceX96),
    );
    const [from, to] = [state.tick, swap.tick].sort((a, b) => a - b) as [number, number];
    crossed = Math.max(crossed, state.ticks.filter(({ index }) => index > from && index <= to).length);
  }
  assert.ok(crossed > 10, `at most ${crossed} ticks were crossed`);
});

Deno.test("a larger size never pays less, a split one hardly more, and a round trip never gains", () => {
  let tried = 0;
  for (const [state, fee, zeroForOne, size, swap, random] of swaps()) {
    const part = BigInt(Math.floor(random() * 2 ** 20)) * size >> 20n;
    if (part === 0n || part === size) continue;
    const first = v3ExactIn(state, fee, zeroForOne, part)!;
    assert.ok(first.amountOut <= swap.amountOut);
    const second = v3ExactIn(after(state, first), fee, zeroForOne, size - part)!;
    // A stop more or less may round a unit the other way on either token, and dust of one token may be dear
    // in the other.
    const unit = v3ExactIn(state, fee, zeroForOne, 3n)!.amountOut + 3n;
    assert.ok(first.amountOut + second.amountOut <= swap.amountOut + unit);
    if (swap.amountOut > 0n) {
      const back = v3ExactIn(after(state, swap), fee, !zeroForOne, swap.amountOut);
      if (back !== undefined) assert.ok(back.amountOut <= size);
    }
    tried++;
  }
  assert.ok(tried > 300, `${tried} swaps`);
});

Deno.test("what must go in for an amount out is enough for it, and never more than was paid for it", () => {
  for (const [state, fee, zeroForOne, size, swap] of swaps()) {
    if (swap.amountOut === 0n) continue;
    const needed = v3ExactOut(state, fee, zeroForOne, swap.amountOut)!;
    assert.equal(needed.amountOut, swap.amountOut);
    assert.ok(needed.amountIn <= size);
    assert.ok(v3ExactIn(state, fee, zeroForOne, needed.amountIn)!.amountOut >= swap.amountOut);
  }
});

Deno.test("with fewer ticks loaded an amount is the same or unknown", () => {
  let known = 0;
  let unknown = 0;
  for (const [state, fee, zeroForOne, size, swap] of swaps()) {
    for (const width of [3, 40, 700]) {
      const fromTick = state.tick - width * state.tickSpacing;
      const toTick = state.tick + width * state.tickSpacing;
      const ticks = state.ticks.filter(({ index }) => index >= fromTick && index <= toTick);
      const window = { ...state, ticks, fromTick, toTick };
      const inWindow = v3ExactIn(window, fee, zeroForOne, size);
      if (inWindow === undefined) unknown++;
      else known++;
      if (inWindow !== undefined) assert.deepEqual(inWindow, swap);
      else assert.ok(swap.tick <= fromTick || swap.tick >= toTick);
    }
  }
  assert.ok(known > 100 && unknown > 100, `${known} known, ${unknown} unknown`);
});

Deno.test("a pool off its loaded ticks, an empty one and a size of nothing have no amount", () => {
  const [state, fee] = POOLS[0]!;
  for (const moved of [{ fromTick: state.tick + 1 }, { toTick: state.tick - 1 }]) {
    for (const zeroForOne of [true, false]) {
      assert.equal(v3ExactIn({ ...state, ...moved }, fee, zeroForOne, 1000n), undefined);
      assert.equal(v3ExactOut({ ...state, ...moved }, fee, zeroForOne, 1000n), undefined);
    }
  }
  // The price is above where its tick begins, and that is the last that is known of.
  assert.equal(v3ExactIn({ ...state, toTick: state.tick }, fee, false, 1n), undefined);
  assert.equal(v3ExactOut({ ...state, toTick: state.tick }, fee, false, 1n), undefined);
  assert.equal(v3ExactIn(state, fee, true, 0n), undefined);
  assert.equal(v3ExactOut(state, fee, true, 0n), undefined);
  assert.equal(v3ExactIn(state, fee, true, 1n << 200n), undefined);
  assert.equal(v3ExactOut(state, fee, true, 1n << 200n), undefined);
  assert.equal(v3ExactIn({ ...state, liquidity: 0n, ticks: [] }, fee, true, 1000n), undefined);
  // Ticks that do not belong to the liquidity in range.
  assert.equal(v3ExactIn({ ...state, liquidity: 1n }, fee, true, 1n << 80n), undefined);
});
