import assert from "node:assert/strict";
import { SELECTORS } from "./calls.ts";
import type { RpcCall, RpcOutcome } from "./rpc.ts";
import { readSnapshot } from "./snapshot.ts";

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, "0");

/** A v3 pool at a tick, with these ticks initialized; a v2 pool answers beside it. */
class Pools {
  readonly asked: RpcCall[] = [];
  readonly tick: number;
  readonly spacing: number;
  readonly initialized: readonly number[];
  fails: string | undefined;

  constructor(tick: number, spacing: number, initialized: readonly number[]) {
    this.tick = tick;
    this.spacing = spacing;
    this.initialized = initialized;
  }

  batch(calls: readonly RpcCall[]): Promise<RpcOutcome[]> {
    this.asked.push(...calls);
    return Promise.resolve(calls.map(({ params }) => {
      const { data } = params[0] as { data: string };
      if (data.startsWith(this.fails ?? "none")) {
        return { problem: "header not found (-32000)", code: -32000 };
      }
      const words = this.#answer(
        data.slice(0, 10),
        Number(BigInt.asIntN(256, BigInt(`0x0${data.slice(10)}`))),
      );
      return { result: `0x${words.map(word).join("")}` };
    }));
  }

  #answer(selector: string, argument: number): bigint[] {
    switch (selector) {
      case SELECTORS["getReserves()"]:
        return [3n, 4n, 5n];
      case SELECTORS["slot0()"]:
        return [1n << 96n, BigInt(this.tick)];
      case SELECTORS["liquidity()"]:
        return [7n];
      case SELECTORS["ticks(int24)"]:
        return [9n, BigInt(argument)];
      default:
        return [this.#bitmap(argument)];
    }
  }

  #bitmap(position: number): bigint {
    const compressed = this.initialized.map((index) => index / this.spacing);
    return compressed.filter((index) => Math.floor(index / 256) === position)
      .reduce((bits, index) => bits | 1n << BigInt(index - 256 * position), 0n);
  }
}

async function read(pools: Pools) {
  return await readSnapshot(pools, "0xabc", {
    v2: ["0x2"],
    v3: [{ address: "0x3", tickSpacing: pools.spacing }],
  });
}

Deno.test("a snapshot has the ticks of nine words around the price and says how far they reach", async () => {
  const pools = new Pools(-1, 10, [-15_360, -2_560, -10, 0, 2_550, 10_230, 10_240]);
  const snapshot = await read(pools);
  assert("v3" in snapshot);
  assert.deepEqual(snapshot.v2, [{ reserve0: 3n, reserve1: 4n }]);
  const [{ ticks, ...state }] = snapshot.v3 as [typeof snapshot.v3[0]];
  assert.deepEqual(state, {
    ...{ sqrtPriceX96: 1n << 96n, tick: -1, liquidity: 7n, tickSpacing: 10 },
    // The word of tick -1 is the one below zero: it and four to either side.
    ...{ fromTick: -5 * 2_560, toTick: 4 * 2_560 - 1 },
  });
  assert.deepEqual(
    ticks,
    [-2_560, -10, 0, 2_550, 10_230].map((index) => (
      { index, liquidityGross: 9n, liquidityNet: BigInt(index) }
    )),
  );
});

Deno.test("a snapshot at the end of the ticks does not ask beyond it", async () => {
  const pools = new Pools(887_271, 200, [887_200]);
  const snapshot = await read(pools);
  assert("v3" in snapshot);
  const [state] = snapshot.v3;
  assert.deepEqual([state!.fromTick, state!.toTick], [13 * 51_200, 887_272]);
  assert.deepEqual(state!.ticks.map(({ index }) => index), [887_200]);
});

Deno.test("all calls of a snapshot are pinned to the block, which must be of the chain", async () => {
  const pools = new Pools(0, 60, [60]);
  await read(pools);
  for (const { method, params } of pools.asked) {
    assert.equal(method, "eth_call");
    assert.deepEqual(params[1], { blockHash: "0xabc", requireCanonical: true });
  }
});

for (const [signature, selector] of Object.entries(SELECTORS).slice(7)) {
  Deno.test(`a snapshot without an answer to ${signature} is none`, async () => {
    const pools = new Pools(0, 60, [60]);
    pools.fails = selector;
    const address = signature === "getReserves()" ? "0x2" : "0x3";
    const problem = `Pool ${address} cannot be read: header not found (-32000)`;
    assert.deepEqual(await read(pools), { problem });
  });
}
