/**
 * A pool as a ladder: exact amounts out for a list of sizes, fee and impact included, and what the price is before any
 * size. A ladder ends where the pool, or what is loaded of it, ends; there is no amount beyond.
 */
import type { PoolIdentity, V2State, V3State } from "./pool.ts";
import { v2AmountOut } from "./v2.ts";
import { startOf, walk } from "./v3.ts";

/** In the smallest units of their tokens. */
export interface Rung {
  amountIn: bigint;
  amountOut: bigint;
}

/** Of token 0 in token 1 in whole tokens, at no size: what a seller of token 0 gets, and a buyer pays, fee included. */
export interface MarginalPrice {
  mid: number;
  bid: number;
  ask: number;
}

/**
 * A rung for each of `sizes`, amounts in above zero in ascending order (throws otherwise: a bug), for as far
 * as the pair takes them. `zeroForOne` means token 0 goes in.
 */
export function v2Ladder(
  state: V2State,
  feePpm: number,
  zeroForOne: boolean,
  sizes: readonly bigint[],
): Rung[] {
  assertAscending(sizes);
  const rungs: Rung[] = [];
  for (const amountIn of sizes) {
    const amountOut = v2AmountOut(state, feePpm, zeroForOne, amountIn);
    if (amountOut === undefined) break;
    rungs.push({ amountIn, amountOut });
  }
  return rungs;
}

/**
 * The same over ticks. All sizes share one walk: each goes on from the last stop that the one before it passed, and
 * gets the amount that it would get alone.
 */
export function v3Ladder(
  state: V3State,
  feePpm: number,
  zeroForOne: boolean,
  sizes: readonly bigint[],
): Rung[] {
  assertAscending(sizes);
  const rungs: Rung[] = [];
  let from = startOf(state);
  for (const amountIn of sizes) {
    const { end, lastStop } = walk(state, feePpm, zeroForOne, amountIn, from);
    if (end === undefined) break;
    rungs.push({ amountIn, amountOut: end.amountOut });
    from = lastStop;
  }
  return rungs;
}

/** Of a v2 pool with something on both sides; undefined without. */
export function v2Marginal(pool: PoolIdentity, { reserve0, reserve1 }: V2State): MarginalPrice | undefined {
  if (reserve0 <= 0n || reserve1 <= 0n) return undefined;
  return withFee(pool, Number(reserve1) / Number(reserve0));
}

/** Of a v3 pool. It has a price also where it has no liquidity: only its ladder says whether anything can be had. */
export function v3Marginal(pool: PoolIdentity, { sqrtPriceX96 }: V3State): MarginalPrice | undefined {
  if (sqrtPriceX96 <= 0n) return undefined;
  return withFee(pool, (Number(sqrtPriceX96) / 2 ** 96) ** 2);
}

/** The same pool seen from the other side: the price of token 1 in token 0. */
export function inverted({ mid, bid, ask }: MarginalPrice): MarginalPrice {
  return { mid: 1 / mid, bid: 1 / ask, ask: 1 / bid };
}

/** Smallest units as whole tokens, to the nearest double but one: the 53 bits of a price are not those of a balance. */
export function toTokens(amount: bigint, decimals: number): number {
  return Number(amount) / 10 ** decimals;
}

/**
 * Whole tokens as smallest units, rounded down. Exact up to the double's own precision; throws unless
 * `tokens` is finite and not below zero: a bug.
 */
export function fromTokens(tokens: number, decimals: number): bigint {
  const amount = Math.floor(tokens * 10 ** decimals);
  if (!(amount >= 0 && amount < Infinity)) throw new RangeError(`${tokens} is no amount of tokens`);
  return BigInt(amount);
}

function withFee({ token0, token1, feePpm }: PoolIdentity, ratio: number): MarginalPrice {
  const shift = token0.decimals - token1.decimals;
  const mid = shift >= 0 ? ratio * 10 ** shift : ratio / 10 ** -shift;
  const keep = 1 - feePpm / 1e6;
  return { mid, bid: mid * keep, ask: mid / keep };
}

function assertAscending(sizes: readonly bigint[]): void {
  let last = 0n;
  for (const size of sizes) {
    if (size <= last) {
      throw new RangeError(`Sizes of a ladder must ascend from above zero: ${size} after ${last}`);
    }
    last = size;
  }
}
