/**
 * One step of a swap within constant liquidity, rounded as the libraries `SwapMath` and `SqrtPriceMath` of
 * v3-core round: always in favour of the pool. Within a step, with the square root of the price p and the
 * liquidity L, token 1 moves by L · Δp and token 0 by L · Δ(1/p) (whitepaper, section 6.2).
 */

const PPM = 1_000_000n;
const Q96 = 1n << 96n;
const MAX_UINT256 = (1n << 256n) - 1n;

export interface SwapStep {
  sqrtPriceX96: bigint;
  /** Without the fee. */
  amountIn: bigint;
  amountOut: bigint;
  fee: bigint;
}

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** Token 0 between two square roots, in any order. */
export function amount0Delta(a: bigint, b: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const [low, high] = a < b ? [a, b] : [b, a];
  const numerator = (liquidity << 96n) * (high - low);
  return roundUp ? ceilDiv(ceilDiv(numerator, high), low) : numerator / high / low;
}

/** Token 1 between two square roots, in any order. */
export function amount1Delta(a: bigint, b: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const product = liquidity * (a < b ? b - a : a - b);
  return roundUp ? ceilDiv(product, Q96) : product >> 96n;
}

/** Where the price is after `amount` of token 0 went in (or came out), rounded up. */
function nextFromAmount0(sqrtPriceX96: bigint, liquidity: bigint, amount: bigint, add: boolean): bigint {
  if (amount === 0n) return sqrtPriceX96;
  const shifted = liquidity << 96n;
  const product = amount * sqrtPriceX96;
  if (!add) return ceilDiv(shifted * sqrtPriceX96, shifted - product);
  // The library takes a coarser formula where its 256 bits would not hold the product or the sum.
  return shifted + product <= MAX_UINT256
    ? ceilDiv(shifted * sqrtPriceX96, shifted + product)
    : ceilDiv(shifted, shifted / sqrtPriceX96 + amount);
}

/** Where the price is after `amount` of token 1 went in (or came out), rounded down. */
function nextFromAmount1(sqrtPriceX96: bigint, liquidity: bigint, amount: bigint, add: boolean): bigint {
  const shifted = amount << 96n;
  return add ? sqrtPriceX96 + shifted / liquidity : sqrtPriceX96 - ceilDiv(shifted, liquidity);
}

/**
 * From `from` towards `target`, as far as `remaining` goes: above zero an amount that goes in, fee included; below zero
 * one that comes out. With the price falling (`target` below `from`) token 0 goes in.
 */
export function swapStep(
  from: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePpm: bigint,
): SwapStep {
  const zeroForOne = from >= target;
  const amountInTo = (to: bigint) =>
    zeroForOne ? amount0Delta(to, from, liquidity, true) : amount1Delta(from, to, liquidity, true);
  const amountOutTo = (to: bigint) =>
    zeroForOne ? amount1Delta(to, from, liquidity, false) : amount0Delta(from, to, liquidity, false);
  const feeOf = (amountIn: bigint) => ceilDiv(amountIn * feePpm, PPM - feePpm);

  if (remaining >= 0n) {
    const lessFee = remaining * (PPM - feePpm) / PPM;
    const whole = amountInTo(target);
    if (lessFee >= whole) {
      return { sqrtPriceX96: target, amountIn: whole, amountOut: amountOutTo(target), fee: feeOf(whole) };
    }
    const sqrtPriceX96 = zeroForOne
      ? nextFromAmount0(from, liquidity, lessFee, true)
      : nextFromAmount1(from, liquidity, lessFee, true);
    const reached = sqrtPriceX96 === target;
    const amountIn = reached ? whole : amountInTo(sqrtPriceX96);
    // What is left of the last step is fee.
    const fee = reached ? feeOf(amountIn) : remaining - amountIn;
    return { sqrtPriceX96, amountIn, amountOut: amountOutTo(sqrtPriceX96), fee };
  }

  const wanted = -remaining;
  const whole = amountOutTo(target);
  const sqrtPriceX96 = wanted >= whole
    ? target
    : zeroForOne
    ? nextFromAmount1(from, liquidity, wanted, false)
    : nextFromAmount0(from, liquidity, wanted, false);
  const amountOut = sqrtPriceX96 === target ? whole : amountOutTo(sqrtPriceX96);
  const amountIn = amountInTo(sqrtPriceX96);
  return { sqrtPriceX96, amountIn, amountOut: amountOut > wanted ? wanted : amountOut, fee: feeOf(amountIn) };
}
