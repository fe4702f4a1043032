/** Pools for a benchmark, each with logs that move it back and forth, as a node would send them. */
import type { Head } from "../../adapters/venues/uniswap/chain.ts";
import type { FoundPool } from "../../adapters/venues/uniswap/discovery.ts";
import { TOPIC } from "../../adapters/venues/uniswap/logs.ts";
import type { InitializedTick, V2State, V3State } from "../../adapters/venues/uniswap/pool.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio } from "../../adapters/venues/uniswap/tick_math.ts";

export const POOL: FoundPool = {
  chainId: 1,
  address: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
  token0: { address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", decimals: 6 },
  token1: { address: "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", decimals: 18 },
  feePpm: 500,
  tickSpacing: 10,
  markets: [{ symbolId: 0, baseIsToken0: false }],
};

export interface Scene<S> {
  name: string;
  state: S;
  /** Objects as `JSON.parse` makes them of what a node sends, one a block. */
  logs: Record<string, unknown>[];
}

const DIFFERENT_LOGS = 64;
/** Dollars for an ether: the price of token 1, so the tick is high. */
const TICK = 198_080;

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, "0");

function logOf(n: number, topics: string[], words: bigint[]): Record<string, unknown> {
  return {
    ...{ address: POOL.address, topics, data: `0x${words.map(word).join("")}` },
    ...{ blockNumber: `0x${(100 + n).toString(16)}`, blockHash: head(n).hash, logIndex: "0x1f" },
    ...{ transactionHash: `0x${word(BigInt(n))}`, transactionIndex: "0x3", removed: false },
  };
}

export function head(n: number): Head {
  const hash = (at: number) => `0x${word(BigInt(at))}`;
  return { number: 100 + n, hash: hash(n + 1), parentHash: hash(n), timestamp: 1_790_000_000 + 12 * n };
}

const each = <T>(of: (n: number) => T) => Array.from({ length: DIFFERENT_LOGS }, (_, n) => of(n));
/** Back and forth, and never twice the same. */
const swing = (n: number) => (n % 2 === 0 ? 1 : -1) * (1 + n % 7);

export function v2Scene(): Scene<V2State> {
  const reserves = (n: number) => [
    30_000_000_000_000n + BigInt(swing(n)) * 10_000_000_000n,
    12_000n * 10n ** 18n - BigInt(swing(n)) * 4n * 10n ** 18n,
  ];
  const [reserve0, reserve1] = reserves(0);
  return {
    name: "v2",
    state: { reserve0: reserve0!, reserve1: reserve1! },
    logs: each((n) => logOf(n, [TOPIC.v2Sync], reserves(n))),
  };
}

/** With `positions` beside each other around the price: a ladder crosses their ends. */
export function v3Scene(name: string, positions: number): Scene<V3State> {
  const ticks = new Map<number, InitializedTick>();
  const add = (index: number, gross: bigint, net: bigint) => {
    const { liquidityGross = 0n, liquidityNet = 0n } = ticks.get(index) ?? {};
    ticks.set(index, { index, liquidityGross: liquidityGross + gross, liquidityNet: liquidityNet + net });
  };
  const mint = (lower: number, upper: number, amount: bigint) => {
    add(lower, amount, amount);
    add(upper, amount, -amount);
  };
  mint(TICK - 10_000, TICK + 10_000, 10n ** 19n);
  for (let n = 0; n < positions; n++) {
    const lower = TICK + 10 * (n - Math.floor(positions / 2));
    mint(lower, lower + 10, 10n ** 18n * BigInt(1 + n % 5));
  }
  const sorted = [...ticks.values()].sort((a, b) => a.index - b.index);
  const at = (tick: number, aside: bigint) => {
    const sqrtPriceX96 = getSqrtRatioAtTick(tick) * (1_000_000n + aside) / 1_000_000n;
    const here = getTickAtSqrtRatio(sqrtPriceX96);
    const liquidity = sorted.reduce((sum, one) => one.index <= here ? sum + one.liquidityNet : sum, 0n);
    return { sqrtPriceX96, tick: here, liquidity };
  };
  const prices = (n: number) => at(TICK + 3 * swing(n), 20n);
  const topics = [TOPIC.v3Swap, `0x${word(1n)}`, `0x${word(2n)}`];
  return {
    name,
    state: { ...prices(1), ticks: sorted, tickSpacing: 10, fromTick: TICK - 10_240, toTick: TICK + 10_240 },
    logs: each((n) => {
      const { sqrtPriceX96, liquidity, tick } = prices(n);
      return logOf(n, topics, [10n ** 9n, -(10n ** 17n), sqrtPriceX96, liquidity, BigInt(tick)]);
    }),
  };
}
