import assert from "node:assert/strict";
import type { PoolQuote } from "../../../core/domain/pool.ts";
import type { ChainLog, Head } from "./chain.ts";
import type { FoundPool } from "./discovery.ts";
import { Gas } from "./gas.ts";
import { TOPIC } from "./logs.ts";
import type { V2State, V3State } from "./pool.ts";
import { PoolStates } from "./pool_states.ts";
import { type Protocol, v2, v3 } from "./protocols.ts";
import { getSqrtRatioAtTick } from "./tick_math.ts";

const address = (digit: string) => `0x${digit.repeat(40)}`;
const [A, B, C] = ["a", "b", "c"].map(address) as [string, string, string];
const [WETH, USDC] = [{ address: address("1"), decimals: 18 }, { address: address("2"), decimals: 6 }];

const found = (at: string, feePpm: number, tickSpacing: number, symbolIds: number[]): FoundPool => ({
  ...{ chainId: 1, address: at, token0: WETH, token1: USDC, feePpm, tickSpacing },
  markets: symbolIds.map((symbolId) => ({ symbolId, baseIsToken0: symbolId !== 1 })),
});

const head = (number: number): Head => ({
  number,
  hash: `0x${String(number).padStart(64, "0")}`,
  parentHash: `0x${String(number - 1).padStart(64, "0")}`,
  timestamp: 1_790_000_000 + 12 * number,
});

/** Pools of one protocol and what they say; nothing is read over a network. */
function statesOf<S>(protocol: Protocol<S>, pools: FoundPool[]) {
  const quotes = new Map<number, PoolQuote>();
  const said: string[] = [];
  const nobody = { call: () => Promise.resolve({ problem: "Nobody is asked", code: null }) };
  const states = new PoolStates(protocol, pools, {
    rpc: { batch: () => Promise.resolve([]) },
    gas: new Gas(nobody, { gasUnits: 1, now: () => 0, validMs: 1, everyMs: 1 }),
    sink: {
      quote: (symbolId, quote) => void quotes.set(symbolId, quote),
      withdraw: (symbolId) => {
        quotes.delete(symbolId);
        said.push(`withdrawn ${symbolId}`);
      },
      stale: (reason) => void said.push(reason),
      published: ({ number }) => void said.push(`published ${number}`),
      reading: () => {},
    },
  });
  return { states, quotes, said };
}

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, "0");

const log = (at: string, topics: string[], ...words: bigint[]): ChainLog => ({
  ...{ address: at, topics, data: `0x${words.map(word).join("")}` },
  ...{ blockNumber: 2, blockHash: head(2).hash, logIndex: 0, removed: false },
});
const sync = (at: string, reserve0: bigint, reserve1: bigint) => log(at, [TOPIC.v2Sync], reserve0, reserve1);

const ETH = 10n ** 18n;
const pair = (eth: bigint, usdc: bigint): V2State => ({ reserve0: eth * ETH, reserve1: usdc * 10n ** 6n });

Deno.test("only pools that a block touched are computed anew; number and time of the block are new for all", () => {
  const pools = [found(A, 3000, 0, [0]), found(B, 3000, 0, [2])];
  const { states, quotes } = statesOf(v2, pools);
  states.adopt([pair(100n, 300_000n), pair(50n, 160_000n)]);
  states.publish(head(1));
  const [a, b] = [quotes.get(0)!, quotes.get(2)!];
  assert.deepEqual([a.mid, b.mid, a.blockNumber], [3000, 3200, 1]);
  assert.equal(states.apply([sync(B, 51n * ETH, 157_000n * 10n ** 6n), sync(C, 1n, 1n)]), undefined);
  assert.equal(quotes.get(2), b, "nothing is quoted before the block is whole");
  states.publish(head(2));
  const [a2, b2] = [quotes.get(0)!, quotes.get(2)!];
  assert.equal(a2.buy, a.buy, "the ladder of the other pool is the same object");
  assert.equal(a2.sell, a.sell);
  assert.deepEqual([a2.blockNumber, a2.blockTime], [2, head(2).timestamp * 1000]);
  assert.notEqual(b2.buy, b.buy);
  assert.equal(b2.mid, 157_000 / 51);
});

Deno.test("a symbol goes over to another of its pools when that becomes the better one", () => {
  const { states, quotes } = statesOf(v2, [found(A, 3000, 0, [0, 1]), found(B, 3000, 0, [0, 1])]);
  states.adopt([pair(100n, 300_000n), pair(99n, 297_000n)]);
  states.publish(head(1));
  assert.deepEqual([quotes.get(0)!.address, quotes.get(1)!.address], [A, A]);
  states.apply([sync(A, 10n * ETH, 30_000n * 10n ** 6n)]);
  states.publish(head(2));
  assert.deepEqual([quotes.get(0)!.address, quotes.get(1)!.address], [B, B]);
  assert.ok(Math.abs(quotes.get(0)!.mid * quotes.get(1)!.mid - 1) < 1e-15);
});

Deno.test("two pools that are as good as each other do not take turns", () => {
  const { states, quotes } = statesOf(v2, [found(A, 3000, 0, [0]), found(B, 3000, 0, [0])]);
  states.adopt([pair(100_000n, 300_000_000n), pair(100_001n, 300_003_000n)]);
  states.publish(head(1));
  assert.equal(quotes.get(0)!.address, B, "a little deeper");
  for (let block = 2; block < 8; block++) {
    const depth = 100_000n + 2n * BigInt(block % 2);
    states.apply([sync(A, depth * ETH, 3_000n * depth * 10n ** 6n)]);
    states.publish(head(block));
    assert.equal(quotes.get(0)!.address, B);
  }
});

Deno.test("a pool that is emptied has no quote until there is something in it again", () => {
  const { states, quotes, said } = statesOf(v2, [found(A, 3000, 0, [0])]);
  states.adopt([pair(0n, 0n)]);
  states.publish(head(1));
  assert.deepEqual(said, ["withdrawn 0", "published 1"]);
  states.apply([sync(A, ETH, 3_000n * 10n ** 6n)]);
  states.publish(head(2));
  assert.equal(quotes.get(0)!.mid, 3000);
  states.apply([sync(A, 0n, 0n)]);
  states.publish(head(3));
  assert.equal(quotes.size, 0);
});

Deno.test("a log that cannot be read is told, and so is one that does not fit", () => {
  const { states } = statesOf(v2, [found(A, 3000, 0, [0])]);
  states.adopt([pair(1n, 1n)]);
  assert.match(states.apply([log(A, [TOPIC.v2Sync], 1n)])!.problem, /cannot be read/);
  const other = statesOf(v3, [found(A, 500, 10, [0])]).states;
  other.adopt([concentrated(0)]);
  // A burn of more than there is.
  const burn = log(A, [TOPIC.v3Burn, topic(1n), topic(-100n), topic(100n)], 10n ** 30n, 0n, 0n);
  assert.match(other.apply([burn])!.problem, /A v3_burn of pool 0xa+ does not fit/);
});

const topic = (value: bigint) => `0x${word(value)}`;

/**
 * One position over all that is loaded, the price at this tick; four words of 256 ticks × 10 to either side
 * of tick 0.
 */
function concentrated(tick: number): V3State {
  const [fromTick, toTick] = [-4 * 2560, 5 * 2560 - 1];
  const liquidity = 10n ** 18n;
  return {
    ...{ sqrtPriceX96: getSqrtRatioAtTick(tick), tick, liquidity, tickSpacing: 10, fromTick, toTick },
    ticks: [
      { index: fromTick, liquidityGross: liquidity, liquidityNet: liquidity },
      { index: toTick - 9, liquidityGross: liquidity, liquidityNet: -liquidity },
    ],
  };
}

const swapTo = (tick: number) =>
  log(
    A,
    [TOPIC.v3Swap, topic(1n), topic(2n)],
    ...[1n, -1n, getSqrtRatioAtTick(tick), 10n ** 18n, BigInt(tick)],
  );

Deno.test("a price that comes near the end of the loaded ticks leads to a reading anew, and not before", () => {
  for (const [tick, near] of [[-5120, false], [-5130, true], [7679, false], [7680, true]] as const) {
    const { states, quotes } = statesOf(v3, [found(A, 500, 10, [0])]);
    states.adopt([concentrated(0)]);
    states.publish(head(1));
    const before = quotes.get(0)!;
    const problem = states.apply([swapTo(tick)])?.problem;
    if (near) assert.match(problem!, /near the end of the ticks that are loaded: pool 0xa+/);
    else assert.equal(problem, undefined, `${tick}`);
    assert.equal(quotes.get(0), before, "what was applied is not quoted by itself");
  }
});

Deno.test("a pool that was made and never given a price, or with nothing in range, has no quote", () => {
  for (const change of [{ sqrtPriceX96: 0n, tick: 0, liquidity: 0n }, { liquidity: 0n }]) {
    const { states, said } = statesOf(v3, [found(A, 500, 10, [0])]);
    states.adopt([{ ...concentrated(0), ...change }]);
    states.publish(head(1));
    assert.deepEqual(said, ["withdrawn 0", "published 1"]);
  }
});
