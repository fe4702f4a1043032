/**
 * Between ticks and square roots of prices, to the last bit as the pools of Uniswap v3 compute it
 * (whitepaper, section 6; the library `TickMath` of v3-core). A tick is a price of 1.0001^tick; its square
 * root is kept in units of 2^-96.
 */

export const MIN_TICK = -887_272;
export const MAX_TICK = 887_272;
/** `getSqrtRatioAtTick(MIN_TICK)`: the lowest price there is. */
export const MIN_SQRT_RATIO = 4_295_128_739n;
/** `getSqrtRatioAtTick(MAX_TICK)`: no price reaches it. */
export const MAX_SQRT_RATIO = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n;

/** 1.0001^(-2^i / 2) for i from 0, in units of 2^-128: a tick is the product of those that its bits name. */
const POWERS: readonly bigint[] = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
];

const MAX_UINT256 = (1n << 256n) - 1n;
const LOW_32 = (1n << 32n) - 1n;
/** Ticks per unit of the natural logarithm of a square root. */
const TICKS_PER_LN = 2 / Math.log(1.0001);

/**
 * The square root of the price at a tick, in units of 2^-96, rounded up. Throws outside MIN_TICK to MAX_TICK:
 * a bug.
 */
export function getSqrtRatioAtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK) {
    throw new RangeError(`Tick ${tick} is not a whole number from ${MIN_TICK} to ${MAX_TICK}`);
  }
  let ratio = 1n << 128n;
  for (let bits = Math.abs(tick), i = 0; bits !== 0; bits >>= 1, i++) {
    if ((bits & 1) !== 0) ratio = (ratio * POWERS[i]!) >> 128n;
  }
  if (tick > 0) ratio = MAX_UINT256 / ratio;
  return (ratio >> 32n) + ((ratio & LOW_32) === 0n ? 0n : 1n);
}

/**
 * The greatest tick whose square root is not above `sqrtPriceX96`; throws outside MIN_SQRT_RATIO to below
 * MAX_SQRT_RATIO: a bug. The library finds it by a logarithm in fixed point; here a logarithm in floating
 * point, which is off by far less than one tick, names a candidate, and the exact function above decides.
 */
export function getTickAtSqrtRatio(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_RATIO || sqrtPriceX96 >= MAX_SQRT_RATIO) {
    throw new RangeError(`Square root of a price ${sqrtPriceX96} is outside what a pool can have`);
  }
  const guess = Math.round((Math.log(Number(sqrtPriceX96)) - 96 * Math.LN2) * TICKS_PER_LN);
  const tick = Math.min(Math.max(guess, MIN_TICK), MAX_TICK);
  return getSqrtRatioAtTick(tick) <= sqrtPriceX96 ? tick : tick - 1;
}
