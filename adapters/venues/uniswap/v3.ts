/**
 * The walk of a swap over the ticks of a Uniswap v3 pool (whitepaper, section 6.2.3; `UniswapV3Pool.swap`),
 * exact to the last unit. Every stop rounds, so it stops where the contract stops: at initialized ticks and
 * at the ends of the words of its bitmap. Where it would need a tick that is not loaded there is no answer.
 */
import type { InitializedTick, V3State } from "./pool.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, MAX_TICK, MIN_TICK } from "./tick_math.ts";
import { swapStep } from "./v3_math.ts";

/** What a swap moves, in smallest units, and where the pool stands after it. */
export interface V3Swap {
  /** Fee included. */
  amountIn: bigint;
  amountOut: bigint;
  sqrtPriceX96: bigint;
  tick: number;
  liquidity: bigint;
}

/** A point on the walk. */
export interface V3Walk extends V3Swap {
  /** In `ticks`: the last one at or below `tick`; -1 where there is none. */
  at: number;
}

/**
 * What comes out for `amountIn`; undefined where nothing goes in, the walk leaves the loaded ticks, or the pool cannot
 * take it all. `zeroForOne` means token 0 goes in, and the price falls.
 */
export function v3ExactIn(
  state: V3State,
  feePpm: number,
  zeroForOne: boolean,
  amountIn: bigint,
): V3Swap | undefined {
  return amountIn > 0n ? swapOf(walk(state, feePpm, zeroForOne, amountIn, startOf(state)).end) : undefined;
}

/** What must go in for `amountOut` to come out; undefined as above, and where the pool has not that much. */
export function v3ExactOut(
  state: V3State,
  feePpm: number,
  zeroForOne: boolean,
  amountOut: bigint,
): V3Swap | undefined {
  return amountOut > 0n ? swapOf(walk(state, feePpm, zeroForOne, -amountOut, startOf(state)).end) : undefined;
}

/** Where every walk begins. */
export function startOf(state: V3State): V3Walk {
  const { sqrtPriceX96, tick, liquidity } = state;
  return { amountIn: 0n, amountOut: 0n, sqrtPriceX96, tick, liquidity, at: lastAtOrBelow(state.ticks, tick) };
}

/**
 * Walks on from a point until `amount` (in above zero, out below), counted from the start of the walk, is
 * moved. `end` is undefined where that is unknown. `lastStop` is the last stop before the end: for amounts
 * in, a walk of a larger one in the same direction passes it in the same way and may go on from there.
 */
export function walk(
  state: V3State,
  feePpm: number,
  zeroForOne: boolean,
  amount: bigint,
  from: V3Walk,
): { end: V3Walk | undefined; lastStop: V3Walk } {
  const { ticks, fromTick, toTick } = state;
  // A pool that a log has moved off the loaded ticks: between them and it there may be some that nobody has seen.
  if (from.tick < fromTick || from.tick > toTick) return { end: undefined, lastStop: from };
  const fee = BigInt(feePpm);
  let here = from;
  for (let lastStop = from;; lastStop = here) {
    const remaining = amount > 0n ? amount - here.amountIn : amount + here.amountOut;
    if (remaining === 0n) return { end: here, lastStop };

    const stop = zeroForOne ? stopBelow(state, here) : stopAbove(state, here);
    // Where a stop is not loaded, the end of what is loaded stands for it: up to there nothing changes, and a walk that
    // does not reach it never learns where it would have ended. At the last tick of all the pool takes no more.
    const known = zeroForOne ? stop >= fromTick && stop > MIN_TICK : stop <= toTick && stop < MAX_TICK;
    const target = getSqrtRatioAtTick(
      zeroForOne ? Math.max(stop, fromTick, MIN_TICK) : Math.min(stop, toTick, MAX_TICK),
    );
    // Within the last loaded tick the price may already stand above where that tick begins.
    if (!zeroForOne && target < here.sqrtPriceX96) return { end: undefined, lastStop };

    const step = swapStep(here.sqrtPriceX96, target, here.liquidity, remaining, fee);
    const reached = step.sqrtPriceX96 === target;
    if (reached && !known) return { end: undefined, lastStop };
    let { tick, liquidity, at } = here;
    if (reached) {
      const crossed = ticks[zeroForOne ? at : at + 1];
      if (crossed?.index === stop) {
        liquidity += zeroForOne ? -crossed.liquidityNet : crossed.liquidityNet;
        at += zeroForOne ? -1 : 1;
      }
      tick = zeroForOne ? stop - 1 : stop;
    } else if (step.sqrtPriceX96 !== here.sqrtPriceX96) {
      tick = getTickAtSqrtRatio(step.sqrtPriceX96);
    }
    here = {
      amountIn: here.amountIn + step.amountIn + step.fee,
      amountOut: here.amountOut + step.amountOut,
      sqrtPriceX96: step.sqrtPriceX96,
      tick,
      liquidity,
      at,
    };
    // Below the loaded ticks the pool may stand, but nobody could tell what comes next; and no pool owes liquidity.
    if (tick < fromTick || liquidity < 0n) return { end: undefined, lastStop };
    if (!reached) return { end: here, lastStop };
  }
}

/** The next tick at or below this one that is initialized, or else where its word of 256 begins. */
function stopBelow({ ticks, tickSpacing }: V3State, { tick, at }: V3Walk): number {
  const wordStart = (Math.floor(tick / tickSpacing) >> 8) * 256 * tickSpacing;
  return Math.max(ticks[at]?.index ?? wordStart, wordStart);
}

/** The next tick above this one that is initialized, or else where the word of 256 of the tick after it ends. */
function stopAbove({ ticks, tickSpacing }: V3State, { tick, at }: V3Walk): number {
  const wordEnd = (((Math.floor(tick / tickSpacing) + 1) >> 8) * 256 + 255) * tickSpacing;
  return Math.min(ticks[at + 1]?.index ?? wordEnd, wordEnd);
}

/** By halves; -1 where there is none. */
function lastAtOrBelow(ticks: readonly InitializedTick[], tick: number): number {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle]!.index <= tick) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function swapOf(end: V3Walk | undefined): V3Swap | undefined {
  if (end === undefined) return undefined;
  const { amountIn, amountOut, sqrtPriceX96, tick, liquidity } = end;
  return { amountIn, amountOut, sqrtPriceX96, tick, liquidity };
}
