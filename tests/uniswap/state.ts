/**
 * How a pool stands, asked from the contracts one by one: what the program finds out by itself is compared
 * with this.
 */
import type { InitializedTick, V2State, V3State } from "../../adapters/venues/uniswap/pool.ts";
import type { Chain } from "../../emulator/chain/chain.ts";
import type { Pool } from "../../emulator/chain/uniswap.ts";

/** Words of the bitmap, of 256 ticks each, to either side of the price. */
const WORDS = 12;
/** The lowest and highest multiples of a spacing that a pool may have. */
const LAST_TICK = 887_272;

export async function readV2(chain: Chain, pool: Pool): Promise<V2State> {
  const [reserve0, reserve1] = await chain.call<readonly [bigint, bigint]>(pool, "getReserves");
  return { reserve0, reserve1 };
}

/** All of it holds after the last block. */
export async function readV3(chain: Chain, pool: Pool): Promise<V3State> {
  const blockNumber = await chain.blockNumber();
  const read = <T>(name: string, args: readonly unknown[] = []) =>
    chain.call<T>(pool, name, args, { blockNumber });
  const [[sqrtPriceX96, tick], liquidity] = await Promise.all([
    read<readonly [bigint, number]>("slot0"),
    read<bigint>("liquidity"),
  ]);
  const { tickSpacing } = pool;
  const last = Math.floor(LAST_TICK / tickSpacing);
  const here = Math.floor(tick / tickSpacing) >> 8;
  const [low, high] = [Math.max(here - WORDS, -last >> 8), Math.min(here + WORDS, last >> 8)];
  const words = Array.from({ length: high - low + 1 }, (_, n) => low + n);
  const bitmaps = await Promise.all(words.map((word) => read<bigint>("tickBitmap", [word])));
  const indexes = words.flatMap((word, n) =>
    bitsOf(bitmaps[n]!).map((bit) => (word * 256 + bit) * tickSpacing)
  );
  const ticks = await Promise.all(indexes.map(async (index): Promise<InitializedTick> => {
    const [liquidityGross, liquidityNet] = await read<readonly [bigint, bigint]>("ticks", [index]);
    return { index, liquidityGross, liquidityNet };
  }));
  const fromTick = Math.max(low * 256, -last) * tickSpacing;
  const toTick = Math.min(high * 256 + 255, last) * tickSpacing;
  return { sqrtPriceX96, tick, liquidity, ticks, tickSpacing, fromTick, toTick };
}

/** Which bits of a word are set, ascending. */
function bitsOf(word: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; word !== 0n; bit++, word >>= 1n) if ((word & 1n) !== 0n) bits.push(bit);
  return bits;
}
