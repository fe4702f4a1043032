import assert from "node:assert/strict";
import { poolEventOf, TOPIC } from "./logs.ts";

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, "0");
const data = (...values: bigint[]) => "0x" + values.map(word).join("");
const topic = (value: bigint) => "0x" + word(value);
const SENDER = topic(0xabcdefn);

const PRICE = 1973297185854854877883552793639047n;
const SWAP = [33_115_011n, -20_532_113_204_839_573n, PRICE, 2_777_333_325_313_728_108n, -202_467n];
const swap = {
  kind: "v3_swap",
  amount0: SWAP[0],
  amount1: SWAP[1],
  sqrtPriceX96: PRICE,
  liquidity: SWAP[3],
  tick: -202_467,
};

Deno.test("a swap is the same with Uniswap's words and Pancake's", () => {
  const topics = [SENDER, SENDER];
  assert.deepEqual(poolEventOf({ topics: [TOPIC.v3Swap, ...topics], data: data(...SWAP) }), swap);
  const further = data(...SWAP, 7n, 0n);
  assert.deepEqual(poolEventOf({ topics: [TOPIC.pancakeV3Swap, ...topics], data: further }), swap);
});

Deno.test("mints, burns and initializations are read with their signs", () => {
  const ticks = { tickLower: -887_220, tickUpper: 60 };
  const topics = [SENDER, topic(-887_220n), topic(60n)];
  assert.deepEqual(
    poolEventOf({ topics: [TOPIC.v3Mint, ...topics], data: data(0xabcdefn, 5n, 6n, 7n) }),
    { kind: "v3_mint", ...ticks, liquidity: 5n },
  );
  assert.deepEqual(
    poolEventOf({ topics: [TOPIC.v3Burn, ...topics], data: data(5n, 6n, 7n) }),
    { kind: "v3_burn", ...ticks, liquidity: 5n },
  );
  assert.deepEqual(
    poolEventOf({ topics: [TOPIC.v3Initialize], data: data(PRICE, 202_467n) }),
    { kind: "v3_initialize", sqrtPriceX96: PRICE, tick: 202_467 },
  );
});

Deno.test("a log of no interest is told apart from one that cannot be read", () => {
  const other = "0x596b573906218d3411850b26a6b437d6c4522fdb43d2d2386263f86d50b8b151";
  assert.deepEqual(poolEventOf({ topics: [other, SENDER], data: "0x" }), { kind: "other" });
  assert.deepEqual(poolEventOf({ topics: [], data: "0x" }), { kind: "other" });
});

Deno.test("a log of a known kind with the wrong length, range, sign or letters is malformed", () => {
  const topics = [TOPIC.v3Swap, SENDER, SENDER];
  const good = data(...SWAP);
  const [amount0, amount1, , liquidity, tick] = SWAP as [bigint, bigint, bigint, bigint, bigint];
  const bad: [string[], string][] = [
    [topics, good.slice(0, -2)],
    [topics, good + "00".repeat(32)],
    [topics.slice(0, 2), good],
    [[...topics, SENDER], good],
    [[topics[0]!, SENDER, "0x12"], good],
    [topics, data(amount0, amount1, 1n << 160n, liquidity, tick)],
    [topics, data(amount0, amount1, PRICE, 1n << 128n, tick)],
    [topics, data(amount0, amount1, PRICE, liquidity, 1n << 23n)],
    [topics, data(amount0, amount1, PRICE, liquidity, -(1n << 23n) - 1n)],
    [topics, data(amount0, amount1, PRICE, liquidity, 0xffffffn << 8n)],
    [topics, good.slice(0, -1) + "g"],
    [topics, good.slice(0, 65) + "g" + good.slice(66)],
    [topics, good.slice(0, 200) + " " + good.slice(201)],
    [[TOPIC.v2Sync], data(1n << 112n, 1n)],
    [[TOPIC.v2Sync], data(1n)],
    [[TOPIC.v2Swap, SENDER, SENDER], data(1n, 2n, 3n)],
    [[TOPIC.v3Mint, SENDER, topic(1n << 30n), topic(60n)], data(1n, 2n, 3n, 4n)],
  ];
  for (const [badTopics, badData] of bad) {
    const event = poolEventOf({ topics: badTopics, data: badData });
    assert.equal(event.kind, "malformed", `${badTopics.length} topics, ${badData}`);
  }
});
