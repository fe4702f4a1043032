/** What must go in for an amount out, and whole ladders, against the real contracts. */
import assert from "node:assert/strict";
import { v3Ladder } from "../../adapters/venues/uniswap/ladder.ts";
import { v3ExactIn, v3ExactOut } from "../../adapters/venues/uniswap/v3.ts";
import { runs, seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { addPosition, amountOf, makeMarket } from "./market.ts";
import { readV3 } from "./state.ts";
import { quoteV3 } from "../../emulator/chain/trade.ts";

const QUOTES = runs(200);

async function quoteOutV3({ chain, quoter }: Uniswap, pool: Pool, zeroForOne: boolean, amount: bigint) {
  const [token0, token1] = [pool.token0.address, pool.token1.address];
  const [tokenIn, tokenOut] = zeroForOne ? [token0, token1] : [token1, token0];
  const params = { tokenIn, tokenOut, amount, fee: pool.feePpm, sqrtPriceLimitX96: 0n };
  const [amountIn, sqrtPriceX96] = await chain.call<readonly [bigint, bigint]>(
    quoter,
    "quoteExactOutputSingle",
    [params],
  );
  return { amountIn, sqrtPriceX96 };
}

anvilTest("what a v3 pool asks for an amount out is known to the last unit", async () => {
  const random = seeded(seed);
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  await makeMarket(uniswap, random);
  const pools = uniswap.pools.filter(({ version }) => version === 3);

  for (let known = 0, round = 0; known < QUOTES; round++) {
    assert.ok(round < QUOTES, `${known} quotes are known after ${round} rounds`);
    for (const pool of pools) {
      const state = await readV3(chain, pool);
      for (let n = 0; n < 6; n++) {
        const zeroForOne = random() < 0.5;
        const wanted = amountOf(zeroForOne ? pool.token1 : pool.token0, 10 ** (-4 + 10 * random()));
        const ours = v3ExactOut(state, pool.feePpm, zeroForOne, wanted);
        if (ours === undefined) continue;
        const { amountIn, amountOut, sqrtPriceX96 } = ours;
        const theirs = await quoteOutV3(uniswap, pool, zeroForOne, wanted);
        const name = `${pool.token0.symbol}/${pool.token1.symbol} ${pool.feePpm}: ${wanted}, seed ${seed}`;
        assert.deepEqual({ amountIn, sqrtPriceX96 }, theirs, name);
        assert.equal(amountOut, wanted, name);
        known++;
      }
      await addPosition(uniswap, pool, random);
    }
  }
});

anvilTest("each rung of a ladder is what the real quoter says of its size", async () => {
  const random = seeded(seed);
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  await makeMarket(uniswap, random);

  for (const pool of uniswap.pools.filter(({ version }) => version === 3)) {
    const state = await readV3(chain, pool);
    for (const zeroForOne of [true, false]) {
      const token = zeroForOne ? pool.token0 : pool.token1;
      const sizes = Array.from({ length: 16 }, (_, i) => amountOf(token, 10 ** (1 + i / 3)));
      const rungs = v3Ladder(state, pool.feePpm, zeroForOne, sizes);
      assert.ok(rungs.length > 8, `${rungs.length} rungs`);
      for (const { amountIn, amountOut } of rungs) {
        assert.equal((await quoteV3(uniswap, pool, zeroForOne, amountIn)).amountOut, amountOut);
      }
      // It ends where the amount is unknown, not before.
      const next = sizes[rungs.length];
      if (next !== undefined) assert.equal(v3ExactIn(state, pool.feePpm, zeroForOne, next), undefined);
    }
  }
});
