/** What pools cost now, asked from the contracts. */
import { priceOf } from "./amounts.ts";
import type { Chain } from "./chain.ts";
import type { PlannedPool } from "./pools.ts";

/** Reserves of a v2 pool, or the square root of the price of a v3 pool, with the price in quote per base. */
export type Standing =
  | { version: 2; price: number; reserve0: bigint; reserve1: bigint }
  | { version: 3; price: number; sqrtPriceX96: bigint };

/** Of all pools in one request. */
export function standings(chain: Chain, pools: readonly PlannedPool[]): Promise<Standing[]> {
  return Promise.all(pools.map(async ({ pool, base }): Promise<Standing> => {
    const { token0, token1 } = pool;
    const inQuote = (price0: number) => token0 === base ? price0 : 1 / price0;
    if (pool.version === 2) {
      const [reserve0, reserve1] = await chain.call<readonly [bigint, bigint]>(pool, "getReserves");
      const price0 = Number(reserve1) / Number(reserve0) * 10 ** (token0.decimals - token1.decimals);
      return { version: 2, price: inQuote(price0), reserve0, reserve1 };
    }
    const [sqrtPriceX96] = await chain.call<readonly [bigint]>(pool, "slot0");
    return { version: 3, price: inQuote(priceOf(sqrtPriceX96, token0, token1)), sqrtPriceX96 };
  }));
}
