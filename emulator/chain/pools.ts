/** The pools of the emulated chain: made at the price of the market, and deep enough to be worth a trade. */
import { rootOf, sqrtPriceX96, unitsOf } from "./amounts.ts";
import { POOL_PLANS, type PoolPlan, type Targets, usualUsd } from "./plan.ts";
import { mintV3 } from "./trade.ts";
import type { ChainToken, Pool, Uniswap } from "./uniswap.ts";

/** A pool with what it is meant to be. */
export interface PlannedPool {
  plan: PoolPlan;
  pool: Pool;
  base: ChainToken;
  quote: ChainToken;
}

/**
 * Positions that every v3 pool has from the beginning and keeps: how far they reach to either side, in ticks (about a
 * hundredth of a percent each), and what part of the depth they are. The market never moves as far as the widest.
 */
const POSITIONS: readonly (readonly [ticks: number, part: number])[] = [
  [6_000, 0.35],
  [1_500, 0.15],
  [700, 0.1],
  [300, 0.1],
];

export async function makePools(uniswap: Uniswap, targets: Targets): Promise<PlannedPool[]> {
  const made: PlannedPool[] = [];
  for (const plan of POOL_PLANS) {
    const [base, quote] = [uniswap.token(plan.base), uniswap.token(plan.quote)];
    const price = targets.price(plan);
    if (plan.version === 2) {
      const amount = plan.depthUsd / usualUsd(plan.base);
      const amounts = [unitsOf(amount, base), unitsOf(amount * price, quote)] as const;
      const pool = await uniswap.createV2(plan.base, amounts[0], plan.quote, amounts[1]);
      made.push({ plan, pool, base, quote });
      continue;
    }
    const pool = await uniswap.createV3(
      plan.base,
      plan.quote,
      plan.feePpm,
      (token0) => sqrtPriceAt({ base, quote, pool: { token0 } }, price),
    );
    const one = { plan, pool, base, quote };
    for (const [ticks, part] of POSITIONS) {
      const range = rangeAround(one, tickOf(one, price), ticks);
      await mintV3(uniswap, pool, range, ...amountsFor(one, ticks, part));
    }
    made.push(one);
  }
  return made;
}

/** Amounts of base and quote in smallest units that are worth the same at a price. */
function worthTheSame(price: number, base: ChainToken, quote: ChainToken): [bigint, bigint] {
  // So many that nothing is lost to whole numbers.
  const many = 1e9;
  return [
    BigInt(many) * 10n ** BigInt(base.decimals),
    BigInt(Math.round(price * many)) * 10n ** BigInt(quote.decimals),
  ];
}

/** The square root of a price as v3 has it, see `sqrtPriceX96`. */
export function sqrtPriceAt(
  { base, quote, pool }: { base: ChainToken; quote: ChainToken; pool: Pick<Pool, "token0"> },
  price: number,
): bigint {
  const [amountBase, amountQuote] = worthTheSame(price, base, quote);
  return pool.token0 === base ? sqrtPriceX96(amountBase, amountQuote) : sqrtPriceX96(amountQuote, amountBase);
}

/** What a v2 pool with this product holds of base and of quote at a price. */
export function reservesAt(
  price: number,
  base: ChainToken,
  quote: ChainToken,
  product: bigint,
): [bigint, bigint] {
  const [amountBase, amountQuote] = worthTheSame(price, base, quote);
  return [rootOf(product * amountBase / amountQuote), rootOf(product * amountQuote / amountBase)];
}

/** What goes into a position that reaches so many ticks to either side, as amounts of token 0 and 1. */
export function amountsFor({ plan, pool }: PlannedPool, ticks: number, part: number): [bigint, bigint] {
  const usd = plan.depthUsd * part * (1 - 1.0001 ** (-ticks / 2));
  return [
    unitsOf(usd / usualUsd(pool.token0.symbol), pool.token0),
    unitsOf(usd / usualUsd(pool.token1.symbol), pool.token1),
  ];
}

/** The ticks of a position around another, as the spacing of the pool has them. */
export function rangeAround({ pool }: PlannedPool, tick: number, ticks: number): [number, number] {
  const { tickSpacing } = pool;
  const aligned = (value: number) => Math.round(value / tickSpacing) * tickSpacing;
  const reach = Math.max(tickSpacing, aligned(ticks));
  return [aligned(tick) - reach, aligned(tick) + reach];
}

/** The tick at a price in quote per base. */
export function tickOf({ base, quote, pool }: PlannedPool, price: number): number {
  const raw = price * 10 ** (quote.decimals - base.decimals);
  return Math.floor(Math.log(pool.token0 === base ? raw : 1 / raw) / Math.log(1.0001));
}
