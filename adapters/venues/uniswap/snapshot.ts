/**
 * Reads how pools stand after one block: every call is pinned to the block's hash (EIP-1898), so that answers
 * of several nodes, or of one that goes on, are of the same moment; and refused where the block is no longer
 * of the chain.
 */
import { type Call, getReserves, liquidity, slot0, tickBitmap, ticks } from "./calls.ts";
import type { InitializedTick, V2State, V3State } from "./pool.ts";
import type { RpcCall, RpcOutcome } from "./rpc.ts";
import { MAX_TICK, MIN_TICK } from "./tick_math.ts";

/** Words of the bitmap to either side of the price's own. */
const WORDS = 4;
const WORD_BITS = 256;

/** `HttpRpc` is one. */
export interface BatchReader {
  batch(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcOutcome[]>;
}

export interface V3Pool {
  address: string;
  tickSpacing: number;
}

export interface Snapshot {
  /** In the order of the pools that were asked for. */
  v2: V2State[];
  v3: V3State[];
}

/** All of it, or why it cannot be had: a part would be of no use. */
export async function readSnapshot(
  rpc: BatchReader,
  blockHash: string,
  pools: { v2: readonly string[]; v3: readonly V3Pool[] },
): Promise<Snapshot | { problem: string }> {
  const reader = new PinnedReader(rpc, blockHash);
  try {
    const reserves = await reader.read(pools.v2.map((address) => [address, getReserves]));
    const v2 = reserves.map(([reserve0, reserve1]) => ({ reserve0, reserve1 }));
    return { v2, v3: await readV3(reader, pools.v3) };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

/** Four requests, each for all pools. */
async function readV3(reader: PinnedReader, pools: readonly V3Pool[]): Promise<V3State[]> {
  const [prices, liquidities] = await Promise.all([
    reader.read(pools.map(({ address }) => [address, slot0])),
    reader.read(pools.map(({ address }) => [address, liquidity])),
  ]);
  const words = pools.map(({ tickSpacing }, n) => wordsAround(prices[n]!.tick, tickSpacing));
  const bitmaps = await reader.read(
    pools.flatMap(({ address }, n) => words[n]!.map((word) => [address, tickBitmap(word)] as const)),
  );
  let at = 0;
  const indices = pools.map(({ tickSpacing }, n) =>
    words[n]!.flatMap((word) => bitsOf(bitmaps[at++]!).map((bit) => (word * WORD_BITS + bit) * tickSpacing))
  );
  const found = await reader.read(
    pools.flatMap(({ address }, n) => indices[n]!.map((index) => [address, ticks(index)] as const)),
  );
  at = 0;
  return pools.map(({ tickSpacing }, n) => {
    const initialized = indices[n]!.map((index): InitializedTick => ({ index, ...found[at++]! }));
    const { sqrtPriceX96, tick } = prices[n]!;
    const fromTick = Math.max(words[n]![0]! * WORD_BITS * tickSpacing, MIN_TICK);
    const toTick = Math.min((words[n]!.at(-1)! + 1) * WORD_BITS * tickSpacing - 1, MAX_TICK);
    return {
      sqrtPriceX96,
      tick,
      liquidity: liquidities[n]!,
      ticks: initialized,
      tickSpacing,
      fromTick,
      toTick,
    };
  });
}

/** Ascending, and none beyond the lowest and highest tick. */
function wordsAround(tick: number, tickSpacing: number): number[] {
  const wordOf = (index: number) => Math.floor(Math.floor(index / tickSpacing) / WORD_BITS);
  const first = Math.max(wordOf(tick) - WORDS, wordOf(MIN_TICK));
  const last = Math.min(wordOf(tick) + WORDS, wordOf(MAX_TICK));
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function bitsOf(word: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; word > 0n; bit++, word >>= 1n) if ((word & 1n) === 1n) bits.push(bit);
  return bits;
}

/** Ends a reading; never leaves this file. */
class Unreadable extends Error {}

class PinnedReader {
  readonly #rpc: BatchReader;
  readonly #block: { blockHash: string; requireCanonical: boolean };

  constructor(rpc: BatchReader, blockHash: string) {
    this.#rpc = rpc;
    this.#block = { blockHash, requireCanonical: true };
  }

  async read<T>(calls: readonly (readonly [address: string, call: Call<T>])[]): Promise<T[]> {
    const outcomes = await this.#rpc.batch(calls.map(([to, { data }]) => ({
      method: "eth_call",
      params: [{ to, data }, this.#block],
    })));
    return calls.map(([address, { decode }], n) => {
      const outcome = outcomes[n]!;
      if ("problem" in outcome) throw new Unreadable(`Pool ${address} cannot be read: ${outcome.problem}`);
      const value = decode(outcome.result);
      if (value === undefined) throw new Unreadable(`Pool ${address} does not answer as a pool does`);
      return value;
    });
  }
}
