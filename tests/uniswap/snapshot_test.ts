/** What the program asks of contracts by hand, against the contracts' own interfaces and the real contracts. */
import assert from "node:assert/strict";
import * as calls from "../../adapters/venues/uniswap/calls.ts";
import { Endpoints } from "../../adapters/venues/uniswap/endpoints.ts";
import { HttpRpc } from "../../adapters/venues/uniswap/http_rpc.ts";
import { readSnapshot } from "../../adapters/venues/uniswap/snapshot.ts";
import { seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { toFunctionSelector } from "../../emulator/chain/packages/viem.ts";
import { Chain } from "./chain.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { makeMarket } from "./market.ts";
import { readV2, readV3 } from "./state.ts";

Deno.test("selectors are the keccak of their signatures", () => {
  for (const [signature, selector] of Object.entries(calls.SELECTORS)) {
    assert.equal(toFunctionSelector(`function ${signature}`), selector);
  }
});

function rpcOf(url: string): HttpRpc {
  return new HttpRpc({
    endpoints: new Endpoints([url], { restMs: 10, longestRestMs: 100, random: seeded(1) }),
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...{ timeoutMs: 60_000, attempts: 2, maxBatch: 100, maxBytes: 10_000_000, maxRetryAfterMs: 1_000 },
  });
}

anvilTest(
  "a snapshot of all pools is what the contracts say at its block, also when the chain went on",
  async () => {
    const random = seeded(seed);
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    await makeMarket(uniswap, random);
    const rpc = rpcOf(chain.anvil.url);
    const ask = async <T>(to: string, { data, decode }: calls.Call<T>): Promise<T> => {
      const outcome = await rpc.call("eth_call", [{ to, data }, "latest"]);
      assert("result" in outcome);
      return decode(outcome.result)!;
    };
    for (const pool of uniswap.pools) {
      const { version, token0, token1, feePpm, tickSpacing } = pool;
      assert.equal(await ask(pool.address, calls.token0), token0.address);
      assert.equal(await ask(pool.address, calls.token1), token1.address);
      assert.equal(await ask(token0.address, calls.decimals), token0.decimals);
      const [factory, find] = version === 2
        ? [uniswap.v2Factory, calls.getPair(token0.address, token1.address)]
        : [uniswap.v3Factory, calls.getPool(token1.address, token0.address, feePpm)];
      assert.equal(await ask(factory.address, find), pool.address);
      if (version === 2) continue;
      assert.equal(await ask(pool.address, calls.fee), feePpm);
      assert.equal(await ask(pool.address, calls.tickSpacing), tickSpacing);
    }

    const v2 = uniswap.pools.filter(({ version }) => version === 2);
    const v3 = uniswap.pools.filter(({ version }) => version === 3);
    const block = await chain.client.getBlock();
    const expected = {
      v2: await Promise.all(v2.map((pool) => readV2(chain, pool))),
      v3: await Promise.all(v3.map((pool) => readV3(chain, pool))),
    };
    await chain.mine();
    const pools = { v2: v2.map(({ address }) => address), v3 };
    const snapshot = await readSnapshot(rpc, block.hash, pools);
    if ("problem" in snapshot) throw new Error(snapshot.problem);
    assert.deepEqual(snapshot.v2, expected.v2);
    for (const [n, { ticks, fromTick, toTick, ...state }] of snapshot.v3.entries()) {
      const { ticks: all, fromTick: _from, toTick: _to, ...same } = expected.v3[n]!;
      assert.deepEqual(state, same);
      assert.ok(fromTick <= state.tick && state.tick <= toTick);
      assert.deepEqual(ticks, all.filter(({ index }) => index >= fromTick && index <= toTick));
      assert.ok(ticks.length > 0);
    }

    const gone = await readSnapshot(rpc, `0x${"ab".repeat(32)}`, pools);
    assert("problem" in gone, "a block that nobody knows");
  },
);
