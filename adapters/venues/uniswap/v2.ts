/**
 * What a pair of Uniswap v2, or of a fork with another fee, pays: the integers of `UniswapV2Library.getAmountOut` and
 * `getAmountIn`. They write the fee as 997/1000, Pancake as 9975/10000; in millionths both fractions are only expanded,
 * so the same is rounded the same way.
 */
import type { V2State } from "./pool.ts";

const PPM = 1_000_000n;
/** The pair keeps its reserves in 112 bits and refuses a swap that leads beyond. */
const MAX_RESERVE = (1n << 112n) - 1n;

/**
 * What comes out for `amountIn`, in smallest units, rounded down as the pair does; undefined where the pair or its
 * library refuses: nothing in, an empty side, more than a reserve can hold. `zeroForOne` means token 0 goes in.
 */
export function v2AmountOut(
  state: V2State,
  feePpm: number,
  zeroForOne: boolean,
  amountIn: bigint,
): bigint | undefined {
  const reserveIn = zeroForOne ? state.reserve0 : state.reserve1;
  const reserveOut = zeroForOne ? state.reserve1 : state.reserve0;
  if (amountIn <= 0n || reserveIn <= 0n || reserveOut <= 0n) return undefined;
  if (reserveIn + amountIn > MAX_RESERVE) return undefined;
  const lessFee = amountIn * (PPM - BigInt(feePpm));
  return lessFee * reserveOut / (reserveIn * PPM + lessFee);
}

/** What must go in for `amountOut` to come out, rounded up as the library does; undefined where it cannot. */
export function v2AmountIn(
  state: V2State,
  feePpm: number,
  zeroForOne: boolean,
  amountOut: bigint,
): bigint | undefined {
  const reserveIn = zeroForOne ? state.reserve0 : state.reserve1;
  const reserveOut = zeroForOne ? state.reserve1 : state.reserve0;
  if (amountOut <= 0n || reserveIn <= 0n || amountOut >= reserveOut) return undefined;
  const lessFee = (reserveOut - amountOut) * (PPM - BigInt(feePpm));
  const amountIn = reserveIn * amountOut * PPM / lessFee + 1n;
  return reserveIn + amountIn > MAX_RESERVE ? undefined : amountIn;
}

/** The reserves after a swap; the fee stays in the pair. */
export function v2Swapped(state: V2State, zeroForOne: boolean, amountIn: bigint, amountOut: bigint): V2State {
  return zeroForOne
    ? { reserve0: state.reserve0 + amountIn, reserve1: state.reserve1 - amountOut }
    : { reserve0: state.reserve0 - amountOut, reserve1: state.reserve1 + amountIn };
}
