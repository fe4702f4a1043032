/**
 * Follows real pools on a chain that is reorganised, restarted and stood still: what is published is what the
 * contracts say.
 */
import assert from "node:assert/strict";
import { ClosingSockets } from "../../adapters/venues/_base/socket.ts";
import type { ChainLog, Head } from "../../adapters/venues/uniswap/chain.ts";
import { ChainReader, type FollowedStates } from "../../adapters/venues/uniswap/chain_reader.ts";
import { Endpoints } from "../../adapters/venues/uniswap/endpoints.ts";
import { Follower } from "../../adapters/venues/uniswap/follower.ts";
import { HeadFeed } from "../../adapters/venues/uniswap/head_feed.ts";
import { HttpRpc } from "../../adapters/venues/uniswap/http_rpc.ts";
import { poolEventOf } from "../../adapters/venues/uniswap/logs.ts";
import type { V2State, V3State } from "../../adapters/venues/uniswap/pool.ts";
import { readSnapshot, type Snapshot } from "../../adapters/venues/uniswap/snapshot.ts";
import { v3Applied } from "../../adapters/venues/uniswap/v3_state.ts";
import { Backoff } from "../../core/app/backoff.ts";
import { seed } from "../core/seed.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { addPosition, amountOf } from "./market.ts";
import { readV2, readV3 } from "./state.ts";
import { burnV3, mintV2, mintV3, swapV3, swapV3Args } from "../../emulator/chain/trade.ts";

/** Two pools, one of each version. */
class Pools implements FollowedStates<Snapshot> {
  readonly rpc: HttpRpc;
  readonly v2Pool: Pool;
  readonly v3Pool: Pool;
  v2: V2State | undefined;
  v3: V3State | undefined;
  published: Head | undefined;
  readings = 0;
  readonly reasons: string[] = [];

  constructor(rpc: HttpRpc, v2Pool: Pool, v3Pool: Pool) {
    this.rpc = rpc;
    this.v2Pool = v2Pool;
    this.v3Pool = v3Pool;
  }

  read({ hash }: Head): Promise<Snapshot | { problem: string }> {
    this.readings++;
    return readSnapshot(this.rpc, hash, { v2: [this.v2Pool.address], v3: [this.v3Pool] });
  }

  adopt({ v2, v3 }: Snapshot): void {
    [this.v2, this.v3] = [v2[0], v3[0]];
  }

  apply(logs: readonly ChainLog[]): { problem: string } | undefined {
    for (const log of logs) {
      const event = poolEventOf(log);
      if (event.kind === "malformed") return { problem: event.reason };
      if (event.kind === "v2_sync") {
        this.v2 = { reserve0: event.reserve0, reserve1: event.reserve1 };
      } else if (event.kind !== "other" && event.kind !== "v2_swap") {
        this.v3 = v3Applied(this.v3!, event);
        if (this.v3 === undefined) return { problem: `A ${event.kind} does not fit` };
      }
    }
  }

  publish(block: Head): void {
    this.published = block;
  }

  stale(reason: string): void {
    this.published = undefined;
    this.reasons.push(reason);
  }
}

function follow(chain: Chain, v2Pool: Pool, v3Pool: Pool) {
  const now = () => Date.now();
  const ending = new AbortController();
  const rests = { restMs: 10, longestRestMs: 100, random: seeded(1) };
  const rpc = new HttpRpc({
    endpoints: new Endpoints([chain.anvil.url], rests),
    ...{ now, signal: ending.signal },
    ...{ timeoutMs: 10_000, attempts: 3, maxBatch: 100, maxBytes: 10_000_000, maxRetryAfterMs: 1_000 },
  });
  const pools = new Pools(rpc, v2Pool, v3Pool);
  const addresses = [v2Pool.address, v3Pool.address];
  // Blocks come when the test wants them: none is late.
  const follower = new Follower({ blockTimeMs: 600_000 });
  const backoff = new Backoff(10, 100, seeded(2));
  const reader = new ChainReader(follower, rpc, pools, { addresses, now, backoff });
  const heads = new HeadFeed({
    head: (head) => reader.on({ kind: "head", head, nowMs: now() }),
    log: (log) => reader.on({ kind: "log", log }),
    lost: () => reader.on({ kind: "reconnected" }),
    malformed: (frame) => assert.fail(frame),
    frame: () => {},
  }, {
    ...{ endpoints: new Endpoints([chain.anvil.wsUrl], rests), chainId: 31_337, addresses, now },
    ...{ healthyAfterMs: 1_000, timeoutMs: 10_000, closing: new ClosingSockets() },
    // A node that is only slow on a busy machine is not silent: nothing may be read anew for that.
    limits: { tickMs: 50, probeAfterMs: 500, silentAfterMs: 8_000, dataSilenceMs: 600_000 },
  });
  const timer = setInterval(() => {
    heads.tick(now());
    reader.tick(now());
  }, 50);
  return {
    pools,
    [Symbol.dispose]() {
      clearInterval(timer);
      ending.abort();
      heads.stop();
      reader.stop();
    },
  };
}

/** Waits until the newest block is published and compares with the contracts. */
async function verify(chain: Chain, pools: Pools, what: string): Promise<void> {
  const { hash } = await chain.client.getBlock();
  await until(`published ${what}`, () => pools.published?.hash === hash);
  assert.deepEqual(pools.v2, await readV2(chain, pools.v2Pool), what);
  const { ticks, fromTick: _from, toTick: _to, ...state } = await readV3(chain, pools.v3Pool);
  const { ticks: ours, fromTick, toTick, ...same } = pools.v3!;
  assert.deepEqual(same, state, what);
  assert.deepEqual(ours, ticks.filter(({ index }) => index >= fromTick && index <= toTick), what);
}

anvilTest("pools are followed block by block, and read anew where the chain is not what it was", async () => {
  const random = seeded(seed);
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const v2 = await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  const v3 = await uniswap.createV3("USDC", "USDT", 100, () => 2n ** 96n);
  await mintV3(uniswap, v3, [-2_000, 2_000], 10n ** 12n, 10n ** 12n);
  const positions = [await addPosition(uniswap, v3, random), await addPosition(uniswap, v3, random)];
  using following = follow(chain, v2, v3);
  const { pools } = following;
  // The subscriptions begin some time after this.
  await until("the first block", async () => {
    await chain.mine();
    return pools.published !== undefined;
  });
  await verify(chain, pools, "at the start");

  const { readings } = pools;
  for (let n = 0; n < 10; n++) {
    const zeroForOne = random() < 0.5;
    await swapV3(uniswap, v3, zeroForOne, amountOf(zeroForOne ? v3.token0 : v3.token1, 20_000 * random()));
    await mintV2(chain, v2, 10n ** 9n, 10n ** 9n);
  }
  await verify(chain, pools, "after swaps");
  positions.push(await addPosition(uniswap, v3, random));
  for (const { id } of positions) await burnV3(uniswap, id, 2n);
  await verify(chain, pools, "after mints and burns");
  await chain.mine(3);
  await verify(chain, pools, "after blocks without logs");
  await chain.stopMining();
  for (let n = 0; n < 200; n++) {
    await chain.queue(uniswap.router, "exactInputSingle", swapV3Args(chain, v3, n % 3 > 0, 10n ** 7n));
  }
  await chain.mine();
  await chain.resumeMining();
  await verify(chain, pools, "after two hundred swaps in one block");
  assert.deepEqual([pools.reasons, pools.readings], [[], readings], "nothing was read anew");

  for (const depth of [1, 3]) {
    await swapV3(uniswap, v3, true, 10n ** 9n);
    await verify(chain, pools, "before a reorganisation");
    await chain.mine(depth - 1);
    await chain.reorg(depth);
    await chain.mine();
    await verify(chain, pools, `after a reorganisation of ${depth}`);
    assert.ok(pools.readings > readings, "read anew");
  }

  chain.freeze();
  await until("stale while the node stands still", () => pools.published === undefined);
  chain.thaw();
  await until("a block after it stood still", async () => {
    await chain.mine();
    return pools.published !== undefined;
  });
  await swapV3(uniswap, v3, false, 10n ** 9n);
  await verify(chain, pools, "after the node stood still");

  await chain.restart();
  await until("a block after the restart", async () => {
    await chain.mine();
    return pools.published !== undefined;
  });
  await swapV3(uniswap, v3, false, 10n ** 9n);
  await verify(chain, pools, "after the node was restarted");
});
