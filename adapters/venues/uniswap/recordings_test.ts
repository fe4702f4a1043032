/** Every row of the recorded logs: real trades on real chains, and what they must lead to. */
import assert from "node:assert/strict";
import {
  type ExpectedTop,
  expectedTops,
  fixtureLines,
  fixtureTest,
  frameFiles,
} from "../../../tests/fixtures.ts";
import type { PoolEvent } from "./events.ts";
import { inverted, type MarginalPrice, toTokens, v2Marginal, v3Marginal } from "./ladder.ts";
import { poolEventOf } from "./logs.ts";
import type { PoolIdentity, V3State } from "./pool.ts";
import { getSqrtRatioAtTick } from "./tick_math.ts";
import { v2AmountIn, v2AmountOut, v2Swapped } from "./v2.ts";
import { v3ExactIn, v3ExactOut } from "./v3.ts";
import { amount0Delta, amount1Delta, swapStep } from "./v3_math.ts";
import { v3Applied } from "./v3_state.ts";

interface V2Row extends ExpectedTop {
  mid: string;
  reserve0: string;
  reserve1: string;
  preReserve0?: string;
  preReserve1?: string;
  decimals0: number;
  decimals1: number;
  feePpm?: number;
  amountIn?: string;
  amountOut?: string;
  inToken?: number;
  followsPrevious?: boolean | null;
}

interface V3Row extends ExpectedTop {
  mid: string;
  symbol: string;
  token0: string;
  token1: string;
  sqrtPriceX96: string;
  liquidity: string;
  tick: number;
  amount0: string;
  amount1: string;
  feePpm: number;
  tickRange: [number, number];
  baseOutToRangeEnd: string;
}

const DECIMALS: Record<string, number> = { USDC: 6, WETH: 18, DAI: 18, USDT: 6, WBTC: 8 };

function logAt(folder: string, ref: string, further = 0): PoolEvent {
  const [file, line] = ref.split(":") as [string, string];
  const frame = JSON.parse(fixtureLines(folder, file)[Number(line) - 1 + further]!);
  return poolEventOf(frame.params?.result ?? frame);
}

function poolOf(decimals0: number, decimals1: number, feePpm: number): PoolIdentity {
  const token = (decimals: number) => ({ address: "0x00", decimals });
  return { chainId: 1, address: "0x00", token0: token(decimals0), token1: token(decimals1), feePpm };
}

function near(actual: number, expected: string, ref: string): void {
  assert.ok(Math.abs(actual / Number(expected) - 1) < 1e-12, `${ref}: ${actual} for ${expected}`);
}

function nearAll(price: MarginalPrice | undefined, row: ExpectedTop & { mid: string }): void {
  assert.ok(price !== undefined);
  near(price.mid, row.mid, row.ref);
  near(price.bid, row.bid!, row.ref);
  near(price.ask, row.ask!, row.ref);
}

for (const [folder, usual] of [["uniswap_v2", 3000], ["pancakeswap", 2500]] as const) {
  fixtureTest(`reserves, prices and amounts of the recordings of ${folder} are reproduced`, () => {
    const rows = expectedTops(folder) as V2Row[];
    assert.equal(rows.length, 2);
    for (const row of rows) {
      const event = logAt(folder, row.ref);
      assert.ok(event.kind === "v2_sync");
      const reserves = { reserve0: BigInt(row.reserve0), reserve1: BigInt(row.reserve1) };
      assert.deepEqual(event, { kind: "v2_sync", ...reserves });
      const feePpm = row.feePpm ?? usual;
      nearAll(v2Marginal(poolOf(row.decimals0, row.decimals1, feePpm), event), row);
      if (row.amountIn === undefined) continue;

      const amountIn = BigInt(row.amountIn);
      const amountOut = BigInt(row.amountOut!);
      const zeroForOne = row.inToken === 0;
      // The log after Sync is the swap that led to these reserves.
      const swap = logAt(folder, row.ref, 1);
      assert.deepEqual(swap, {
        kind: "v2_swap",
        amount0In: zeroForOne ? amountIn : 0n,
        amount1In: zeroForOne ? 0n : amountIn,
        amount0Out: zeroForOne ? 0n : amountOut,
        amount1Out: zeroForOne ? amountOut : 0n,
      });
      const before = v2Swapped(reserves, zeroForOne, -amountIn, -amountOut);
      if (row.preReserve0 !== undefined) {
        const { preReserve0, preReserve1 } = row;
        assert.deepEqual(before, { reserve0: BigInt(preReserve0), reserve1: BigInt(preReserve1!) });
      }
      assert.equal(v2AmountOut(before, feePpm, zeroForOne, amountIn), amountOut);
      assert.ok(v2AmountIn(before, feePpm, zeroForOne, amountOut)! <= amountIn);
    }
  });
}

/** One interval between two possible ticks, all that can be known of a pool from its swaps alone. */
function intervalOf(row: V3Row): V3State {
  const [fromTick, toTick] = row.tickRange;
  const { tick, liquidity, sqrtPriceX96 } = row;
  return {
    sqrtPriceX96: BigInt(sqrtPriceX96),
    tick,
    liquidity: BigInt(liquidity),
    tickSpacing: toTick - fromTick,
    ticks: [],
    fromTick,
    toTick,
  };
}

fixtureTest("swaps, prices and ticks of the recordings of uniswap_v3 are reproduced", () => {
  const rows = expectedTops("uniswap_v3") as V3Row[];
  assert.equal(rows.length, 97);
  for (const row of rows) {
    const event = logAt("uniswap_v3", row.ref);
    const { tick } = row;
    const amount0 = BigInt(row.amount0);
    const amount1 = BigInt(row.amount1);
    const sqrtPriceX96 = BigInt(row.sqrtPriceX96);
    const liquidity = BigInt(row.liquidity);
    assert.deepEqual(event, { kind: "v3_swap", amount0, amount1, sqrtPriceX96, liquidity, tick });
    // Applied only where tick and square root agree.
    const state = v3Applied(
      { ...intervalOf(row), sqrtPriceX96: 0n },
      event as typeof event & { kind: "v3_swap" },
    );
    assert.deepEqual(state, intervalOf(row));

    const [base] = row.symbol.split("/") as [string];
    const pool = poolOf(DECIMALS[row.token0]!, DECIMALS[row.token1]!, row.feePpm);
    const price = v3Marginal(pool, state!)!;
    nearAll(base === row.token0 ? price : inverted(price), row);

    const out = base === row.token1
      ? amount1Delta(getSqrtRatioAtTick(row.tickRange[0]), sqrtPriceX96, liquidity, false)
      : amount0Delta(sqrtPriceX96, getSqrtRatioAtTick(row.tickRange[1]), liquidity, false);
    const depth = toTokens(out, DECIMALS[base]!);
    assert.ok(Math.abs(depth / Number(row.baseOutToRangeEnd) - 1) < 1e-9, `${row.ref}: ${depth}`);
  }
});

fixtureTest("recorded swaps within one interval move the pool to the last unit as the walk does", () => {
  const rows = expectedTops("uniswap_v3") as V3Row[];
  let limited = 0;
  let tried = 0;
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (before === undefined || before.venueSymbol !== row.venueSymbol) return;
    if (before.ref.split(":")[0] !== row.ref.split(":")[0]) return;
    if (before.liquidity !== row.liquidity || before.tickRange[0] !== row.tickRange[0]) return;
    tried++;
    const zeroForOne = BigInt(row.amount0) > 0n;
    const [paid, got] = zeroForOne ? [row.amount0, row.amount1] : [row.amount1, row.amount0];
    const [amountIn, amountOut] = [BigInt(paid), -BigInt(got)];
    const state = intervalOf(before);
    const sqrtPriceX96 = BigInt(row.sqrtPriceX96);
    const { liquidity } = state;
    const recorded = { amountIn, amountOut, sqrtPriceX96, tick: row.tick, liquidity };
    // A log does not say whether the trader had named what goes in, what comes out, or a price to stop at.
    const byIn = v3ExactIn(state, row.feePpm, zeroForOne, amountIn);
    const byOut = v3ExactOut(state, row.feePpm, zeroForOne, amountOut);
    if (byIn?.sqrtPriceX96 === sqrtPriceX96) assert.deepEqual(byIn, recorded, row.ref);
    else if (byOut?.sqrtPriceX96 === sqrtPriceX96) assert.deepEqual(byOut, recorded, row.ref);
    else {
      const step = swapStep(state.sqrtPriceX96, sqrtPriceX96, liquidity, 1n << 200n, BigInt(row.feePpm));
      assert.deepEqual([step.amountIn + step.fee, step.amountOut], [amountIn, amountOut], row.ref);
      limited++;
    }
  });
  assert.ok(tried > 70, `${tried} swaps`);
  assert.ok(limited <= 2, `${limited} of ${tried} swaps stopped at a price`);
});

fixtureTest("every recorded log has its kind", () => {
  const kinds: Record<string, number> = {};
  for (const folder of ["uniswap_v2", "uniswap_v3", "pancakeswap"]) {
    for (const file of frameFiles(folder)) {
      for (const line of fixtureLines(folder, file)) {
        const frame = JSON.parse(line);
        const log = frame.params?.result ?? frame;
        // Requests, answers and errors of the node are no logs.
        if (log.topics === undefined) continue;
        const { kind } = poolEventOf(log);
        kinds[kind] = (kinds[kind] ?? 0) + 1;
      }
    }
  }
  // The other one collects the protocol's fees.
  assert.deepEqual(kinds, { v2_sync: 4, v2_swap: 3, v3_swap: 97, v3_mint: 1, other: 1 });
});
