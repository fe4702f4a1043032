/** A v3 pool under any order of mints, burns and swaps, with our own arithmetic alone: nothing may appear or vanish. */
import assert from "node:assert/strict";
import type { V3Position } from "../../adapters/venues/uniswap/events.ts";
import { v3Ladder } from "../../adapters/venues/uniswap/ladder.ts";
import type { V3State } from "../../adapters/venues/uniswap/pool.ts";
import { getSqrtRatioAtTick } from "../../adapters/venues/uniswap/tick_math.ts";
import { v3ExactIn, v3ExactOut } from "../../adapters/venues/uniswap/v3.ts";
import { amount0Delta, amount1Delta } from "../../adapters/venues/uniswap/v3_math.ts";
import { v3Applied } from "../../adapters/venues/uniswap/v3_state.ts";
import { runs, seed } from "../core/seed.ts";
import fc from "../tools/fast_check.ts";

const REACH = 300;

const mint = fc.record({
  kind: fc.constant("mint" as const),
  lower: fc.integer({ min: -REACH, max: REACH - 1 }),
  width: fc.integer({ min: 1, max: REACH }),
  liquidity: fc.bigInt({ min: 1n, max: 1n << 70n }),
});
const burn = fc.record({ kind: fc.constant("burn" as const), which: fc.nat() });
const swap = fc.record({
  kind: fc.constant("swap" as const),
  zeroForOne: fc.boolean(),
  exactIn: fc.boolean(),
  bits: fc.integer({ min: 1, max: 66 }),
  amount: fc.bigInt({ min: 1n, max: 1n << 66n }),
});
const scene = fc.record({
  tickSpacing: fc.constantFrom(1, 10, 60),
  feePpm: fc.constantFrom(0, 100, 500, 3000, 10_000),
  tick: fc.integer({ min: -REACH, max: REACH - 1 }),
  changes: fc.array(fc.oneof(mint, burn, { weight: 2, arbitrary: swap }), { maxLength: 40, size: "max" }),
});

function emptyPool(tickSpacing: number, tick: number): V3State {
  const [fromTick, toTick] = [-3 * REACH * tickSpacing, 3 * REACH * tickSpacing];
  const here = tick * tickSpacing;
  return {
    sqrtPriceX96: getSqrtRatioAtTick(here),
    tick: here,
    liquidity: 0n,
    tickSpacing,
    ticks: [],
    fromTick,
    toTick,
  };
}

/** What a position holds (whitepaper, section 6.4.1), rounded up for who opens it and down for who closes it. */
function heldBy(
  { tickLower, tickUpper, liquidity }: V3Position,
  { sqrtPriceX96 }: V3State,
  roundUp: boolean,
) {
  const [lower, upper] = [getSqrtRatioAtTick(tickLower), getSqrtRatioAtTick(tickUpper)];
  const price = sqrtPriceX96 < lower ? lower : sqrtPriceX96 > upper ? upper : sqrtPriceX96;
  return [
    amount0Delta(price, upper, liquidity, roundUp),
    amount1Delta(lower, price, liquidity, roundUp),
  ] as const;
}

Deno.test("a pool can always pay all of its positions, and without a fee keeps no more than rounding leaves", () => {
  let swapped = 0;
  fc.assert(
    fc.property(scene, ({ tickSpacing, feePpm, tick, changes }) => {
      let state = emptyPool(tickSpacing, tick);
      const open: V3Position[] = [];
      const balances = [0n, 0n] as [bigint, bigint];
      let roundings = 0n;
      const pay = (amount0: bigint, amount1: bigint) => {
        balances[0] += amount0;
        balances[1] += amount1;
        assert.ok(balances[0] >= 0n && balances[1] >= 0n);
      };
      const close = (which: number) => {
        const [position] = open.splice(which, 1);
        state = v3Applied(state, { ...position!, kind: "v3_burn" })!;
        const [amount0, amount1] = heldBy(position!, state, false);
        pay(-amount0, -amount1);
        roundings += 2n;
      };

      for (const change of changes) {
        if (change.kind === "mint") {
          const tickLower = change.lower * tickSpacing;
          const tickUpper = (change.lower + change.width) * tickSpacing;
          const position: V3Position = { ...change, kind: "v3_mint", tickLower, tickUpper };
          pay(...heldBy(position, state, true));
          open.push(position);
          state = v3Applied(state, position)!;
          roundings += 2n;
        } else if (change.kind === "burn") {
          if (open.length > 0) close(change.which % open.length);
        } else {
          const { zeroForOne, exactIn } = change;
          const amount = change.amount >> BigInt(66 - change.bits);
          const made = (exactIn ? v3ExactIn : v3ExactOut)(state, feePpm, zeroForOne, amount);
          // More than the pool has.
          if (made === undefined) continue;
          const { amountIn, amountOut, sqrtPriceX96, liquidity } = made;
          if (zeroForOne) pay(amountIn, -amountOut);
          else pay(-amountOut, amountIn);
          const log = { amount0: 0n, amount1: 0n, sqrtPriceX96, liquidity, tick: made.tick };
          const moved = v3Applied(state, { kind: "v3_swap", ...log })!;
          // Each stop rounds both tokens by less than two units: at most those in between, and the ends of words.
          const stops = state.ticks.length + Math.ceil(6 * REACH / 256) + 2;
          roundings += 2n * BigInt(stops);
          state = moved;
          swapped++;
        }
        const standing = state.ticks.reduce(
          (sum, { index, liquidityNet }) => index <= state.tick ? sum + liquidityNet : sum,
          0n,
        );
        assert.equal(state.liquidity, standing);
      }

      while (open.length > 0) close(0);
      assert.deepEqual(state.ticks, []);
      assert.equal(state.liquidity, 0n);
      if (feePpm === 0) assert.ok(balances[0] <= roundings && balances[1] <= roundings, `${balances}`);
    }),
    { seed, numRuns: runs(300) },
  );
  assert.ok(swapped > 300, `${swapped} swaps`);
});

Deno.test("a ladder has for each size what a swap of it alone gives", () => {
  const mints = fc.array(mint, { minLength: 1, maxLength: 12 });
  const sizes = fc.uniqueArray(fc.bigInt({ min: 1n, max: 1n << 66n }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      scene,
      mints,
      sizes,
      fc.boolean(),
      ({ tickSpacing, feePpm, tick }, minted, drawn, zeroForOne) => {
        let state = emptyPool(tickSpacing, tick);
        for (const { lower, width, liquidity } of minted) {
          const [tickLower, tickUpper] = [lower * tickSpacing, (lower + width) * tickSpacing];
          state = v3Applied(state, { kind: "v3_mint", tickLower, tickUpper, liquidity })!;
        }
        const ascending = drawn.sort((a, b) => (a < b ? -1 : 1));
        const rungs = v3Ladder(state, feePpm, zeroForOne, ascending);
        ascending.forEach((amountIn, i) => {
          const amountOut = v3ExactIn(state, feePpm, zeroForOne, amountIn)?.amountOut;
          assert.deepEqual(rungs[i], amountOut === undefined ? undefined : { amountIn, amountOut });
        });
      },
    ),
    { seed, numRuns: runs(200) },
  );
});
