/** Pools of several pairs and all fee tiers, with positions that overlap, so that swaps cross many ticks. */
import { sqrtPriceX96 } from "../../emulator/chain/amounts.ts";
import { mintV3 } from "../../emulator/chain/trade.ts";
import type { ChainToken, Pool, Uniswap } from "../../emulator/chain/uniswap.ts";

/** What a token is worth when the pools are made. */
const USD: Record<string, number> = { WETH: 3000, USDC: 1, USDT: 1, WBTC: 60_000 };
const V2_PAIRS = [["WETH", "USDC"], ["USDT", "WETH"], ["WBTC", "WETH"]] as const;
const V3_POOLS = [
  ["WETH", "USDC", 100],
  ["WETH", "USDC", 500],
  ["WETH", "USDT", 3000],
  ["WBTC", "WETH", 3000],
  ["WBTC", "USDC", 10000],
  ["USDC", "USDT", 100],
] as const;
const POSITIONS = 24;
const POSITION_USD = 50_000;

/** A position of a market, for who wants to take it out again. */
export interface Position {
  id: bigint;
  pool: Pool;
}

/** Makes the pools and fills them; `random` gives numbers in [0, 1). */
export async function makeMarket(uniswap: Uniswap, random: () => number): Promise<Position[]> {
  for (const [a, b] of V2_PAIRS) {
    const usd = POSITION_USD * (1 + random());
    await uniswap.createV2(a, amountOf(uniswap.token(a), usd), b, amountOf(uniswap.token(b), usd));
  }
  const positions: Position[] = [];
  for (const [a, b, feePpm] of V3_POOLS) {
    const pool = await uniswap.createV3(
      a,
      b,
      feePpm,
      (t0, t1) => sqrtPriceX96(amountOf(t0, 1e6), amountOf(t1, 1e6)),
    );
    for (let n = 0; n < POSITIONS; n++) positions.push(await addPosition(uniswap, pool, random));
  }
  return positions;
}

/** Adds a position of some width around some tick near the price, or beside it. */
export async function addPosition(uniswap: Uniswap, pool: Pool, random: () => number): Promise<Position> {
  const [, tick] = await uniswap.chain.call<readonly [bigint, number]>(pool, "slot0");
  const aligned = (ticks: number) => Math.floor(ticks / pool.tickSpacing) * pool.tickSpacing;
  // Up to about 120 spacings to either side, most of them narrow.
  const width = pool.tickSpacing * Math.ceil(1 + 120 * random() ** 2);
  const middle = aligned(tick + (random() - 0.5) * 2 * width);
  const amounts = [pool.token0, pool.token1].map((token) => amountOf(token, POSITION_USD * (0.5 + random())));
  const range = [middle - width, middle + width] as const;
  return { pool, id: await mintV3(uniswap, pool, range, amounts[0]!, amounts[1]!) };
}

/** So many dollars' worth of a token, in its smallest unit; at least one. */
export function amountOf({ symbol, decimals }: ChainToken, usd: number): bigint {
  const amount = BigInt(Math.round(usd / USD[symbol]! * 10 ** decimals));
  return amount > 0n ? amount : 1n;
}
