/** Between prices as people write them and the integers of the contracts. */
import type { ChainToken } from "./uniswap.ts";

/** So much of a token in its smallest unit; at least one. */
export function unitsOf(amount: number, { decimals }: ChainToken): bigint {
  const units = BigInt(Math.round(amount * 10 ** decimals));
  return units > 0n ? units : 1n;
}

/** The square root of a price at which both amounts are worth the same, in units of 2^-96. */
export function sqrtPriceX96(amount0: bigint, amount1: bigint): bigint {
  return rootOf((amount1 << 192n) / amount0);
}

/** The whole part of the square root, by Newton's method from above. */
export function rootOf(n: bigint): bigint {
  for (let x = 1n << BigInt((n.toString(2).length + 1) >> 1);;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** The price of token 0 in token 1, as people write it. */
export function priceOf(sqrtPriceX96: bigint, token0: ChainToken, token1: ChainToken): number {
  const root = Number(sqrtPriceX96) / 2 ** 96;
  return root * root * 10 ** (token0.decimals - token1.decimals);
}
