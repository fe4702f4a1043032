/** What we make of the logs of real pools: the same as viem reads in them, and the same state as the contracts have. */
import assert from "node:assert/strict";
import type { PoolEvent } from "../../adapters/venues/uniswap/events.ts";
import { poolEventOf } from "../../adapters/venues/uniswap/logs.ts";
import type { V2State, V3State } from "../../adapters/venues/uniswap/pool.ts";
import { v2AmountOut } from "../../adapters/venues/uniswap/v2.ts";
import { v3Applied } from "../../adapters/venues/uniswap/v3_state.ts";
import { runs, seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { decodeEventLog } from "../../emulator/chain/packages/viem.ts";
import { Chain, type Receipt } from "./chain.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { addPosition, amountOf, makeMarket, type Position } from "./market.ts";
import { readV2, readV3 } from "./state.ts";
import { burnV2, burnV3, mintV2, swapV2, swapV3 } from "../../emulator/chain/trade.ts";

type State = V2State | V3State;

/** What viem reads, in our words; what does not move a pool is «other». */
function byViem(pool: Pool, log: Receipt["logs"][number]): PoolEvent {
  const { abi } = pool;
  const { eventName, args } = decodeEventLog({ abi, data: log.data, topics: log.topics });
  // deno-lint-ignore no-explicit-any -- The types of an ABI that is read at run time say nothing.
  const { sender: _, recipient: __, to: ___, amount: liquidity, ...rest } = args as any;
  if (pool.version === 2) {
    if (eventName === "Sync") return { kind: "v2_sync", ...rest };
    return eventName === "Swap" ? { kind: "v2_swap", ...rest } : { kind: "other" };
  }
  if (eventName === "Swap") return { kind: "v3_swap", ...rest };
  const { tickLower, tickUpper } = rest;
  if (eventName === "Mint") return { kind: "v3_mint", tickLower, tickUpper, liquidity };
  return eventName === "Burn" ? { kind: "v3_burn", tickLower, tickUpper, liquidity } : { kind: "other" };
}

function applied(state: State, event: PoolEvent): State {
  switch (event.kind) {
    case "v2_sync":
      return { reserve0: event.reserve0, reserve1: event.reserve1 };
    case "v3_initialize":
    case "v3_swap":
    case "v3_mint":
    case "v3_burn": {
      const after = v3Applied(state as V3State, event);
      return after ?? assert.fail(`${event.kind} does not fit`);
    }
    case "malformed":
      return assert.fail(event.reason);
    default:
      return state;
  }
}

/** The part of a state that can be compared with one that was read with the price elsewhere. */
function within(state: State, other: State): State {
  if (!("ticks" in state) || !("ticks" in other)) return state;
  const fromTick = Math.max(state.fromTick, other.fromTick);
  const toTick = Math.min(state.toTick, other.toTick);
  const ticks = state.ticks.filter(({ index }) => fromTick <= index && index <= toTick);
  return { ...state, ticks, fromTick, toTick };
}

anvilTest("logs of swaps, mints and burns lead to the state that the contracts have", async () => {
  const random = seeded(seed);
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const positions = await makeMarket(uniswap, random);
  const read = (pool: Pool): Promise<State> => pool.version === 2 ? readV2(chain, pool) : readV3(chain, pool);
  const states = new Map<string, State>();
  for (const pool of uniswap.pools) states.set(pool.address, await read(pool));
  let last = await chain.blockNumber();
  const kinds = new Map<string, number>();

  for (let n = 0; n < runs(200); n++) {
    await someChange(uniswap, positions, random);
    const logs = await chain.client.getLogs({ fromBlock: last + 1n });
    last = await chain.blockNumber();
    for (const log of logs) {
      const pool = uniswap.pools.find(({ address }) => address === log.address);
      if (pool === undefined) continue;
      const event = poolEventOf(log);
      assert.deepEqual(event, byViem(pool, log as Receipt["logs"][number]));
      kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1);
      states.set(pool.address, applied(states.get(pool.address)!, event));
    }
    if (n % 10 !== 9) continue;
    for (const pool of uniswap.pools) {
      const ours = states.get(pool.address)!;
      const theirs = await read(pool);
      assert.deepEqual(within(ours, theirs), within(theirs, ours), `change ${n}, seed ${seed}`);
    }
  }
  const all = ["other", "v2_swap", "v2_sync", "v3_burn", "v3_mint", "v3_swap"];
  assert.deepEqual([...kinds.keys()].sort(), all);
});

/** Somebody does something to one of the pools. */
async function someChange(uniswap: Uniswap, positions: Position[], random: () => number): Promise<void> {
  const { chain, pools } = uniswap;
  const pool = pools[Math.floor(random() * pools.length)]!;
  const what = Math.floor(random() * 4);
  const one = Math.floor(random() * positions.length);
  const zeroForOne = random() < 0.5;
  const amountIn = amountOf(zeroForOne ? pool.token0 : pool.token1, 10 ** (1 + 4 * random()));
  if (pool.version === 3) {
    if (what === 0) positions.push(await addPosition(uniswap, pool, random));
    else if (what === 1) await burnV3(uniswap, positions.splice(one, 1)[0]!.id, 1n);
    else await swapV3(uniswap, pool, zeroForOne, amountIn);
    return;
  }
  const state = await readV2(chain, pool);
  if (what === 0) await mintV2(chain, pool, state.reserve0 / 7n, state.reserve1 / 7n);
  else if (what === 1) await burnV2(chain, pool, 9n);
  else {await swapV2(
      chain,
      pool,
      zeroForOne,
      amountIn,
      v2AmountOut(state, pool.feePpm, zeroForOne, amountIn)!,
    );}
}
