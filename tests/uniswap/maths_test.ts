/** Our amounts against those of the real contracts, to the last unit. */
import assert from "node:assert/strict";
import { getSqrtRatioAtTick } from "../../adapters/venues/uniswap/tick_math.ts";
import { v2AmountOut, v2Swapped } from "../../adapters/venues/uniswap/v2.ts";
import { v3ExactIn } from "../../adapters/venues/uniswap/v3.ts";
import { runs, seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { addPosition, amountOf, makeMarket } from "./market.ts";
import { readV2, readV3 } from "./state.ts";
import {
  burnV2,
  burnV3,
  givesV2,
  mintV2,
  quoteV2,
  quoteV3,
  swapV2,
  swapV3,
} from "../../emulator/chain/trade.ts";

const QUOTES = runs(1000);
/** Quotes of a pool between two changes. */
const AT_ONCE = 12;

interface Swap {
  zeroForOne: boolean;
  amountIn: bigint;
}

/** Either way, for a fraction of a cent up to 10^`most` dollars; every other time for one of the highest magnitudes. */
function someSwap(pool: Pool, random: () => number, most: number): Swap {
  const zeroForOne = random() < 0.5;
  const least = random() < 0.5 ? -4 : most - 2;
  const usd = 10 ** (least + (most - least) * random());
  return { zeroForOne, amountIn: amountOf(zeroForOne ? pool.token0 : pool.token1, usd) };
}

function nameOf(pool: Pool, { zeroForOne, amountIn }: Swap): string {
  const names = [pool.token0.symbol, pool.token1.symbol];
  return `${names.join("/")} ${pool.feePpm}: ${amountIn} of ${names[zeroForOne ? 0 : 1]}, seed ${seed}`;
}

anvilTest(
  "what a v2 pool gives for 1,000 sizes is known to the last unit, and how it stands after",
  async () => {
    const random = seeded(seed);
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    await makeMarket(uniswap, random);
    const pools = uniswap.pools.filter(({ version }) => version === 2);

    for (let quotes = 0; quotes < QUOTES;) {
      for (const pool of pools) {
        const state = await readV2(chain, pool);
        const amountOut = ({ zeroForOne, amountIn }: Swap) =>
          v2AmountOut(state, pool.feePpm, zeroForOne, amountIn)!;
        const swaps = Array.from({ length: AT_ONCE }, () => someSwap(pool, random, 6.5));
        await Promise.all(swaps.map(async (swap) => {
          const ours = amountOut(swap);
          const theirs = await quoteV2(uniswap, pool, swap.zeroForOne, swap.amountIn);
          assert.equal(ours, theirs, nameOf(pool, swap));
          const gives = (amount: bigint) => givesV2(chain, pool, swap.zeroForOne, swap.amountIn, amount);
          // The pool gives what we say and not one unit more; it never gives nothing.
          const answers = await Promise.all([gives(ours), gives(ours + 1n)]);
          assert.deepEqual(answers, [ours > 0n, false], nameOf(pool, swap));
        }));
        quotes += AT_ONCE;

        const swap = someSwap(pool, random, 5);
        const ours = amountOut(swap);
        if (ours > 0n) {
          await swapV2(chain, pool, swap.zeroForOne, swap.amountIn, ours);
          const after = v2Swapped(state, swap.zeroForOne, swap.amountIn, ours);
          assert.deepEqual(await readV2(chain, pool), after, nameOf(pool, swap));
        }
        const { reserve0, reserve1 } = await readV2(chain, pool);
        if (random() < 0.5) await mintV2(chain, pool, reserve0 / 7n, reserve1 / 7n);
        else await burnV2(chain, pool, 9n);
      }
    }
  },
);

anvilTest(
  "what a v3 pool gives for 1,000 sizes is known to the last unit, and how it stands after",
  async () => {
    const random = seeded(seed);
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    const positions = await makeMarket(uniswap, random);
    const pools = uniswap.pools.filter(({ version }) => version === 3);
    let known = 0;
    let far = 0;
    let beyond = 0;

    for (let round = 0; known < QUOTES; round++) {
      assert.ok(round < QUOTES, `${known} quotes are known after ${round} rounds`);
      for (const pool of pools) {
        const state = await readV3(chain, pool);
        const swaps = Array.from({ length: AT_ONCE }, () => someSwap(pool, random, 6.5));
        await Promise.all(swaps.map(async (swap) => {
          const { sqrtPriceX96, amountOut, ticksCrossed } = await quoteV3(
            uniswap,
            pool,
            swap.zeroForOne,
            swap.amountIn,
          );
          const ours = v3ExactIn(state, pool.feePpm, swap.zeroForOne, swap.amountIn);
          if (ours === undefined) {
            beyond++;
            // Only where the price leaves what was read.
            const left = swap.zeroForOne
              ? sqrtPriceX96 <= getSqrtRatioAtTick(state.fromTick)
              : sqrtPriceX96 >= getSqrtRatioAtTick(state.toTick);
            return assert.ok(left, nameOf(pool, swap));
          }
          const theirs = [swap.amountIn, amountOut, sqrtPriceX96];
          assert.deepEqual([ours.amountIn, ours.amountOut, ours.sqrtPriceX96], theirs, nameOf(pool, swap));
          known++;
          if (ticksCrossed >= 10) far++;
        }));

        const swap = someSwap(pool, random, 5.5);
        const ours = v3ExactIn(state, pool.feePpm, swap.zeroForOne, swap.amountIn);
        if (ours !== undefined) {
          await swapV3(uniswap, pool, swap.zeroForOne, swap.amountIn);
          const { sqrtPriceX96, tick, liquidity } = await readV3(chain, pool);
          const theirs = [sqrtPriceX96, tick, liquidity];
          assert.deepEqual([ours.sqrtPriceX96, ours.tick, ours.liquidity], theirs, nameOf(pool, swap));
        }
        positions.push(await addPosition(uniswap, pool, random));
        const one = Math.floor(random() * positions.length);
        if (random() < 0.5) await burnV3(uniswap, positions[one]!.id, 3n);
        else await burnV3(uniswap, positions.splice(one, 1)[0]!.id, 1n);
      }
    }
    console.log(`${known} quotes of v3 pools, ${far} of them across ten ticks or more; ${beyond} had none`);
    assert.ok(far > QUOTES / 20, `${far} quotes went across ten ticks or more`);
  },
);
