import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import { fromTokens, inverted, toTokens, v2Ladder, v2Marginal, v3Ladder, v3Marginal } from "./ladder.ts";
import type { PoolIdentity, V3State } from "./pool.ts";
import { getSqrtRatioAtTick } from "./tick_math.ts";
import { v2AmountOut } from "./v2.ts";
import { v3ExactIn } from "./v3.ts";

const pool: PoolIdentity = {
  chainId: 1,
  address: "0x00",
  token0: { address: "0x00", decimals: 18 },
  token1: { address: "0x01", decimals: 6 },
  feePpm: 3000,
};

const L = 10n ** 18n;
const POSITIONS = [[-6000, 6000], [-600, 540], [-60, 120], [0, 60], [180, 1200], [-1200, -180]] as const;
const INDEXES = [...new Set(POSITIONS.flat())].sort((a, b) => a - b);
const state: V3State = {
  sqrtPriceX96: getSqrtRatioAtTick(30),
  tick: 30,
  liquidity: 4n * L,
  tickSpacing: 60,
  ticks: INDEXES.map((index) => {
    const begin = BigInt(POSITIONS.filter(([lower]) => lower === index).length);
    const end = BigInt(POSITIONS.filter(([, upper]) => upper === index).length);
    return { index, liquidityGross: (begin + end) * L, liquidityNet: (begin - end) * L };
  }),
  fromTick: -6000,
  toTick: 6000,
};

/** From dust to beyond what the pool holds. */
function sizes(): bigint[] {
  const random = seeded(5);
  const drawn = Array.from({ length: 200 }, () => BigInt(Math.floor(10 ** (2 + 17 * random()))));
  return [...new Set(drawn)].sort((a, b) => (a < b ? -1 : 1));
}

Deno.test("each rung has what a swap of its size alone would get, and the ladder ends where the ticks end", () => {
  for (const zeroForOne of [true, false]) {
    const rungs = v3Ladder(state, 3000, zeroForOne, sizes());
    assert.ok(rungs.length > 100 && rungs.length < sizes().length);
    sizes().forEach((amountIn, i) => {
      const amountOut = v3ExactIn(state, 3000, zeroForOne, amountIn)?.amountOut;
      assert.deepEqual(rungs[i], amountOut === undefined ? undefined : { amountIn, amountOut });
    });
  }
});

Deno.test("rungs of a v2 pool are those of its formula", () => {
  const reserves = { reserve0: 10n ** 20n, reserve1: 10n ** 12n };
  for (const zeroForOne of [true, false]) {
    for (const { amountIn, amountOut } of v2Ladder(reserves, 3000, zeroForOne, sizes())) {
      assert.equal(amountOut, v2AmountOut(reserves, 3000, zeroForOne, amountIn));
    }
    assert.equal(v2Ladder(reserves, 3000, zeroForOne, sizes()).length, sizes().length);
  }
  assert.deepEqual(v2Ladder({ reserve0: 0n, reserve1: 0n }, 3000, true, [1n]), []);
});

Deno.test("sizes that do not ascend from above zero are a bug", () => {
  for (const wrong of [[0n], [2n, 2n], [2n, 1n]]) {
    assert.throws(() => v2Ladder({ reserve0: 9n, reserve1: 9n }, 3000, true, wrong), RangeError);
    assert.throws(() => v3Ladder(state, 3000, true, wrong), RangeError);
  }
});

Deno.test("no rung is better than the marginal price, and small ones come close", () => {
  const same = {
    ...pool,
    token0: { address: "0x00", decimals: 18 },
    token1: { address: "0x01", decimals: 18 },
  };
  const price = v3Marginal(same, state)!;
  for (const [zeroForOne, best] of [[true, price.bid], [false, inverted(price).bid]] as const) {
    const rungs = v3Ladder(state, 3000, zeroForOne, sizes());
    for (const { amountIn, amountOut } of rungs) {
      assert.ok(Number(amountOut) <= Number(amountIn) * best * (1 + 1e-12), `${amountIn} for ${amountOut}`);
    }
    const small = v3ExactIn(state, 3000, zeroForOne, 10n ** 12n)!;
    assert.ok(Math.abs(Number(small.amountOut) / 1e12 / best - 1) < 1e-5);
  }
});

Deno.test("the marginal price counts whole tokens and carries the fee on both sides", () => {
  const price = v2Marginal(pool, { reserve0: 2n * 10n ** 18n, reserve1: 5000n * 10n ** 6n })!;
  assert.equal(price.mid, 2500);
  assert.equal(price.bid, 2500 * 0.997);
  assert.equal(price.ask, 2500 / 0.997);
  assert.equal(inverted(price).mid, 1 / 2500);
  assert.ok(inverted(price).bid < inverted(price).ask);
  assert.equal(v2Marginal(pool, { reserve0: 0n, reserve1: 1n }), undefined);
  assert.equal(v3Marginal(pool, { ...state, sqrtPriceX96: 0n }), undefined);
});

Deno.test("amounts become whole tokens and back", () => {
  assert.equal(toTokens(1_500_000_000_000_000_000n, 18), 1.5);
  assert.equal(toTokens((1n << 256n) - 1n, 0), 2 ** 256);
  assert.equal(fromTokens(1.5, 18), 1_500_000_000_000_000_000n);
  assert.equal(fromTokens(0.0000015, 6), 1n);
  for (const wrong of [-1, NaN, Infinity]) assert.throws(() => fromTokens(wrong, 18), RangeError);
});
