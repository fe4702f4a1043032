/** What people do with pools: they add and take liquidity, ask for quotes, and swap. Amounts are in smallest units. */
import type { Chain, Hex, Receipt } from "./chain.ts";
import { balanceSlot, type Pool, type Uniswap } from "./uniswap.ts";
import { numberToHex } from "./packages/viem.ts";

/** Far in the future of any chain of a test. */
const DEADLINE = 2n ** 40n;

/** Adds liquidity to a v2 pool. */
export async function mintV2(chain: Chain, pool: Pool, amount0: bigint, amount1: bigint): Promise<Receipt> {
  await chain.send(pool.token0, "transfer", [pool.address, amount0]);
  await chain.send(pool.token1, "transfer", [pool.address, amount1]);
  return chain.send(pool, "mint", [chain.account]);
}

/** Takes one part of so many out of what was added to a v2 pool: with 10, a tenth. */
export async function burnV2(chain: Chain, pool: Pool, parts: bigint): Promise<Receipt> {
  const all = await chain.call<bigint>(pool, "balanceOf", [chain.account]);
  await chain.send(pool, "transfer", [pool.address, all / parts]);
  return chain.send(pool, "burn", [chain.account]);
}

/** What the router says that a v2 swap would give (`getAmountsOut`). */
export async function quoteV2(
  { chain, v2Router }: Uniswap,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
): Promise<bigint> {
  const answer = await chain.call<readonly bigint[]>(v2Router, "getAmountsOut", [
    amountIn,
    tokensOf(pool, zeroForOne),
  ]);
  return answer[1]!;
}

/** Pays into a v2 pool and takes out of it. The pool refuses to give more than the constant product allows. */
export async function swapV2(
  chain: Chain,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
  amountOut: bigint,
): Promise<Receipt> {
  await chain.send(zeroForOne ? pool.token0 : pool.token1, "transfer", [pool.address, amountIn]);
  return chain.send(pool, "swap", takeV2(chain, zeroForOne, amountOut));
}

/** The arguments of `swapExactTokensForTokens` of the router of v2. */
export function swapV2Args(chain: Chain, pool: Pool, zeroForOne: boolean, amountIn: bigint): unknown[] {
  return [amountIn, 0n, tokensOf(pool, zeroForOne), chain.account, DEADLINE];
}

/** The arguments of `swap` of a v2 pool that has been paid. */
function takeV2(chain: Chain, zeroForOne: boolean, amountOut: bigint): unknown[] {
  return [...(zeroForOne ? [0n, amountOut] : [amountOut, 0n]), chain.account, "0x"];
}

/** Whether a v2 pool would give this amount out for that amount in. It is paid for the length of a call only. */
export async function givesV2(
  chain: Chain,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
  amountOut: bigint,
): Promise<boolean> {
  const paid = zeroForOne ? pool.token0 : pool.token1;
  const balance = await chain.call<bigint>(paid, "balanceOf", [pool.address]);
  const value = numberToHex(balance + amountIn, { size: 32 });
  const stateOverride = [{
    address: paid.address,
    stateDiff: [{ slot: balanceSlot(paid, pool.address), value }],
  }];
  const args = takeV2(chain, zeroForOne, amountOut);
  return chain.call(pool, "swap", args, { stateOverride }).then(() => true, refusal);
}

/** The pool speaks of its invariant, or of nothing to give; whatever else goes wrong is no answer. */
function refusal(error: unknown): false {
  if (/UniswapV2: (?:K|INSUFFICIENT_\w+)/.test(String(error))) return false;
  throw error;
}

/** Adds a position to a v3 pool with at most these amounts, and returns its id. The ticks fit the spacing. */
export async function mintV3(
  uniswap: Uniswap,
  pool: Pool,
  range: readonly [number, number],
  amount0Desired: bigint,
  amount1Desired: bigint,
): Promise<bigint> {
  const { chain, positions } = uniswap;
  const id = await nextPosition(uniswap);
  await chain.send(positions, "mint", mintV3Args(chain, pool, range, amount0Desired, amount1Desired));
  return id;
}

/** The id that the next position will have. */
export async function nextPosition({ chain, positions }: Uniswap): Promise<bigint> {
  return await chain.call<bigint>(positions, "totalSupply") + 1n;
}

/** The arguments of `mint` of the manager of positions, for one that is only queued. */
export function mintV3Args(
  chain: Chain,
  pool: Pool,
  [tickLower, tickUpper]: readonly [number, number],
  amount0Desired: bigint,
  amount1Desired: bigint,
): unknown[] {
  return [{
    ...{ token0: pool.token0.address, token1: pool.token1.address, fee: pool.feePpm },
    ...{ tickLower, tickUpper, amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n },
    ...{ recipient: chain.account, deadline: DEADLINE },
  }];
}

/** Takes one part of so many out of a position: with 1, all of it. */
export async function burnV3(
  { chain, positions }: Uniswap,
  tokenId: bigint,
  parts: bigint,
): Promise<Receipt> {
  const position = await chain.call<readonly unknown[]>(positions, "positions", [tokenId]);
  // Far from the price that it was made for, a position may have next to none.
  const liquidity = position[7] as bigint / parts || 1n;
  return chain.send(positions, "decreaseLiquidity", burnV3Args(tokenId, liquidity));
}

/** The arguments of `decreaseLiquidity` of the manager of positions, which takes so much out. */
export function burnV3Args(tokenId: bigint, liquidity: bigint): unknown[] {
  return [{ tokenId, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: DEADLINE }];
}

export interface V3Quote {
  amountOut: bigint;
  /** Of the pool after the swap. */
  sqrtPriceX96: bigint;
  ticksCrossed: number;
}

/** What QuoterV2 says that a swap would give. Where a pool cannot take it all, it says what the pool could take. */
export async function quoteV3(
  { chain, quoter }: Uniswap,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
): Promise<V3Quote> {
  const [tokenIn, tokenOut] = tokensOf(pool, zeroForOne);
  const params = { tokenIn, tokenOut, fee: pool.feePpm, amountIn, sqrtPriceLimitX96: 0n };
  const [amountOut, sqrtPriceX96, ticksCrossed] = await chain.call<readonly [bigint, bigint, number, bigint]>(
    quoter,
    "quoteExactInputSingle",
    [params],
  );
  return { amountOut, sqrtPriceX96, ticksCrossed };
}

/** Swaps exactly this amount in a v3 pool. */
export function swapV3(
  { chain, router }: Uniswap,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
): Promise<Receipt> {
  return chain.send(router, "exactInputSingle", swapV3Args(chain, pool, zeroForOne, amountIn));
}

/**
 * The arguments of `exactInputSingle` of the router. Where the price reaches the limit, it takes less than
 * the amount.
 */
export function swapV3Args(
  chain: Chain,
  pool: Pool,
  zeroForOne: boolean,
  amountIn: bigint,
  sqrtPriceLimitX96 = 0n,
): unknown[] {
  const [tokenIn, tokenOut] = tokensOf(pool, zeroForOne);
  const limits = { amountOutMinimum: 0n, sqrtPriceLimitX96, deadline: DEADLINE };
  return [{ tokenIn, tokenOut, fee: pool.feePpm, recipient: chain.account, amountIn, ...limits }];
}

function tokensOf({ token0, token1 }: Pool, zeroForOne: boolean): [Hex, Hex] {
  return zeroForOne ? [token0.address, token1.address] : [token1.address, token0.address];
}
