import assert from "node:assert/strict";
import { seed } from "../../../tests/core/seed.ts";
import { seeded } from "../../../tests/random.ts";
import { MAX_STEPS } from "../../../core/app/ladders.ts";
import { type Rung, v2Ladder, v3Ladder } from "./ladder.ts";
import type { InitializedTick, V2State, V3State } from "./pool.ts";
import { v2Sizes, v3Sizes } from "./sizes.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio } from "./tick_math.ts";
import { v2AmountOut } from "./v2.ts";
import { v3ExactIn } from "./v3.ts";

/** 0.02 bps. */
const MOST_OFF = 2e-6;

/** Between all rungs: what the pool pays, never less than the chord and hardly more. Returns the worst share. */
function worstChord(
  rungs: readonly Rung[],
  exact: (amountIn: bigint) => bigint | undefined,
  random: () => number,
  what: string,
): number {
  let worst = 0;
  let from: Rung = { amountIn: 0n, amountOut: 0n };
  for (const to of rungs) {
    const width = to.amountIn - from.amountIn;
    for (const part of [0.5, random(), random()]) {
      const more = BigInt(Math.floor(part * Number(width)));
      if (more <= 0n || more >= width) continue;
      const pays = exact(from.amountIn + more);
      assert.ok(pays !== undefined, `${what}: between two rungs the pool pays`);
      const chord = from.amountOut + (to.amountOut - from.amountOut) * more / width;
      // The ends of the chord are whole units, rounded down, and so is the place between them.
      assert.ok(pays >= chord - 1n, `${what}: ${pays} is less than ${chord} for ${from.amountIn + more}`);
      const off = Number(pays - chord - 2n) / Number(pays);
      worst = Math.max(worst, off);
      assert.ok(off <= MOST_OFF, `${what}: off by ${off * 1e4} bps for ${from.amountIn + more}`);
    }
    from = to;
  }
  return worst;
}

Deno.test("between the sizes of a ladder a pair of v2 pays up to 0.02 bps more than the chord, never less", () => {
  const random = seeded(seed);
  for (let n = 0; n < 50; n++) {
    const reserve = () => BigInt(Math.floor(10 ** (9 + 15 * random())));
    const state: V2State = { reserve0: reserve(), reserve1: reserve() };
    const feePpm = [2500, 3000][n % 2]!;
    for (const zeroForOne of [true, false]) {
      const sizes = v2Sizes(state, zeroForOne);
      const rungs = v2Ladder(state, feePpm, zeroForOne, sizes);
      assert.equal(rungs.length, sizes.length);
      assert.ok(sizes.length > 50 && sizes.length <= MAX_STEPS);
      const reserveIn = zeroForOne ? state.reserve0 : state.reserve1;
      assert.ok(Math.abs(Number(sizes.at(-1)) / Number(reserveIn) - 0.01) < 1e-6);
      const exact = (amountIn: bigint) => v2AmountOut(state, feePpm, zeroForOne, amountIn);
      worstChord(rungs, exact, random, `pair ${n} of seed ${seed}`);
    }
  }
});

/** Positions of very different sizes around a price, so that liquidity jumps up and down by orders of magnitude. */
function poolOf(random: () => number, tickSpacing: number): V3State {
  const centre = Math.floor((random() - 0.5) * 300_000);
  const sqrtPriceX96 = getSqrtRatioAtTick(centre) * BigInt(1e9 + Math.floor(random() * 1e4)) / BigInt(1e9);
  const tick = getTickAtSqrtRatio(sqrtPriceX96);
  const ticks = new Map<number, InitializedTick>();
  let liquidity = 0n;
  const add = (index: number, gross: bigint, net: bigint) => {
    const { liquidityGross = 0n, liquidityNet = 0n } = ticks.get(index) ?? {};
    ticks.set(index, { index, liquidityGross: liquidityGross + gross, liquidityNet: liquidityNet + net });
  };
  const base = Math.floor(centre / tickSpacing);
  for (let n = 0; n < 30; n++) {
    const lower = (base + Math.floor((random() - 0.5) * 800 / tickSpacing)) * tickSpacing;
    const upper = lower + (1 + Math.floor(random() * 400 / tickSpacing)) * tickSpacing;
    const amount = BigInt(Math.floor(10 ** (15 + 4 * random())));
    add(lower, amount, amount);
    add(upper, amount, -amount);
    if (lower <= tick && tick < upper) liquidity += amount;
  }
  const sorted = [...ticks.values()].sort((a, b) => a.index - b.index);
  const word = 256 * tickSpacing;
  const [fromTick, toTick] = [-4, 5].map((words) => (Math.floor(tick / word) + words) * word);
  return {
    ...{ sqrtPriceX96, tick, liquidity, tickSpacing, fromTick: fromTick!, toTick: toTick! - 1 },
    ticks: sorted.filter(({ index }) => fromTick! <= index && index < toTick!),
  };
}

Deno.test("across ticks a pool of v3 pays up to 0.02 bps more than the chord, never less", () => {
  const random = seeded(seed);
  let [worst, crossing] = [0, 0];
  for (let n = 0; n < 120; n++) {
    const tickSpacing = [1, 10, 60, 200][n % 4]!;
    const feePpm = [100, 500, 3000, 10_000][n % 4]!;
    const state = poolOf(random, tickSpacing);
    for (const zeroForOne of [true, false]) {
      const sizes = v3Sizes(state, feePpm, zeroForOne);
      assert.equal(sizes.length > 0, state.liquidity > 0n);
      assert.ok(sizes.length <= MAX_STEPS);
      const rungs = v3Ladder(state, feePpm, zeroForOne, sizes);
      if (rungs.length === 0) continue;
      const end = v3ExactIn(state, feePpm, zeroForOne, rungs.at(-1)!.amountIn)!;
      if (end.liquidity !== state.liquidity) crossing++;
      const exact = (amountIn: bigint) => v3ExactIn(state, feePpm, zeroForOne, amountIn)?.amountOut;
      worst = Math.max(worst, worstChord(rungs, exact, random, `pool ${n} of seed ${seed}`));
    }
  }
  assert.ok(crossing > 100, `${crossing} ladders cross ticks`);
  assert.ok(worst > 0, "sizes are not so close that nothing is measured");
});

Deno.test("sizes of a pool without anything in range, or off its loaded ticks, are none", () => {
  const state = poolOf(seeded(1), 10);
  assert.deepEqual(v3Sizes({ ...state, liquidity: 0n }, 500, true), []);
  assert.deepEqual(v3Sizes({ ...state, tick: state.toTick + 1 }, 500, false), []);
  assert.deepEqual(v2Sizes({ reserve0: 0n, reserve1: 5n }, true), []);
});

Deno.test("sizes of a pool with next to nothing in it are whole units, each once", () => {
  const sizes = v2Sizes({ reserve0: 1_000n, reserve1: 7n }, true);
  assert.deepEqual(sizes, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
});
