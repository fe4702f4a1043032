/** The chain of the tests does what they need of it. */
import assert from "node:assert/strict";
import { anvilTest } from "../tools/anvil.ts";
import { keccak256 } from "../../emulator/chain/packages/viem.ts";
import { Chain } from "./chain.ts";
import { V2_PAIR, V3_POOL } from "../../emulator/chain/contracts.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { readV2, readV3 } from "./state.ts";
import { burnV2, mintV2, mintV3, swapV3Args } from "../../emulator/chain/trade.ts";

async function withPool(run: (uniswap: Uniswap, pool: Pool, chain: Chain) => Promise<void>): Promise<void> {
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const pool = await uniswap.createV3("USDC", "USDT", 100, () => 2n ** 96n);
  await mintV3(uniswap, pool, [-100, 100], 10n ** 12n, 10n ** 12n);
  await run(uniswap, pool, chain);
}

anvilTest("the contracts are those of the main chain", () => {
  // Addresses of pools are made of these.
  assert.equal(
    keccak256(V2_PAIR.bytecode),
    "0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
  );
  assert.equal(
    keccak256(V3_POOL.bytecode),
    "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54",
  );
});

anvilTest(
  "two hundred swaps fit into one block, and transactions can be forgotten before",
  () =>
    withPool(async ({ router }, pool, chain) => {
      await chain.stopMining();
      const before = await chain.blockNumber();
      const swap = () => chain.queue(router, "exactInputSingle", swapV3Args(chain, pool, true, 10n ** 6n));
      await swap();
      await chain.dropTransactions();
      await chain.mine();
      assert.deepEqual((await chain.client.getBlock()).transactions, []);

      const state = await readV3(chain, pool);
      for (let n = 0; n < 200; n++) await swap();
      assert.deepEqual(await readV3(chain, pool), state, "They wait for a block");
      await chain.mine();
      assert.equal(await chain.blockNumber(), before + 2n);
      assert.equal(
        (await chain.client.getLogs({ address: pool.address, fromBlock: before + 2n })).length,
        200,
      );
      assert.ok((await readV3(chain, pool)).sqrtPriceX96 < state.sqrtPriceX96);
    }),
);

anvilTest("a reorganisation takes back what was in the last blocks", async () => {
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const pool = await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  const before = await readV2(chain, pool);
  await chain.mine();
  await mintV2(chain, pool, 10n ** 9n, 10n ** 9n);
  await burnV2(chain, pool, 3n);
  const { number, hash } = await chain.client.getBlock();
  // Two transfers and a mint, a transfer and a burn.
  await chain.reorg(5);
  assert.deepEqual(await readV2(chain, pool), before);
  const after = await chain.client.getBlock();
  assert.equal(after.number, number);
  assert.notEqual(after.hash, hash);
});

anvilTest(
  "a node comes back with its chain, after a restart and after it stood still",
  () =>
    withPool(async (uniswap, pool, chain) => {
      const state = await readV3(chain, pool);
      const { hash } = await chain.client.getBlock();
      await chain.restart();
      assert.equal((await chain.client.getBlock()).hash, hash);
      assert.deepEqual(await readV3(chain, pool), state);

      chain.freeze();
      const answer = readV3(chain, pool);
      chain.thaw();
      assert.deepEqual(await answer, state);
      await mintV3(uniswap, pool, [-10, 10], 10n ** 6n, 10n ** 6n);
      assert.ok((await readV3(chain, pool)).liquidity > state.liquidity);
    }),
);
