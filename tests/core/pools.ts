/** A venue of pools as a plan has it, and a quote of one of its pools. */
import { MAX_STEPS } from "../../core/app/ladders.ts";
import type { PoolQuote } from "../../core/domain/pool.ts";
import type { PoolsSpec } from "../../core/ports/workers.ts";

export function poolsOf(spec: Partial<PoolsSpec> = {}): PoolsSpec {
  return {
    protocol: "v2",
    chainId: 1,
    wsUrls: ["ws://127.0.0.1:1"],
    httpUrls: ["http://127.0.0.1:1"],
    factory: "0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
    feesPpm: [3000],
    blockMs: 12_000,
    gasUnits: 130_000,
    nativeAsset: "ETH",
    tokens: {},
    addresses: [],
    ...spec,
  };
}

/** Middle 100: buys at 101 and 102, sells at 99 and 98, two of base each; a swap takes 0.002 of the native coin. */
export function aPool(quote: Partial<PoolQuote> = {}): PoolQuote {
  return {
    address: "0x0d4a11d5eeaac28ec3f61d100daf4d40471f1852",
    feePpm: 3000,
    blockNumber: 1,
    blockTime: 1_700_000_000_000,
    mid: 100,
    gasNative: 0.002,
    buy: { prices: Float64Array.of(101, 102), sizes: Float64Array.of(2, 2), length: 2 },
    sell: { prices: Float64Array.of(99, 98), sizes: Float64Array.of(2, 2), length: 2 },
    ...quote,
  };
}

/** For `poolAt`. */
export const BLOCKS = 300;

/** A pool whose every number follows from the block, with ladders of a length that changes. */
export function poolAt(block: number): PoolQuote {
  const length = 1 + block % MAX_STEPS;
  const ladder = (sign: number) => ({
    prices: Float64Array.from({ length }, (_, step) => block + sign * step),
    sizes: Float64Array.from({ length }, (_, step) => block * 1000 + step),
    length,
  });
  return aPool({
    address: "0x" + block.toString(16).padStart(8, "0").repeat(5),
    feePpm: block % 10_000,
    blockNumber: block,
    blockTime: block * 12_000,
    mid: block / 2,
    gasNative: block / 1e9,
    buy: ladder(1),
    sell: ladder(-1),
  });
}
