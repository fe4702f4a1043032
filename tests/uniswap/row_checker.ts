/**
 * Holds every single row that a feed of pools wrote, and the ladders behind it, against the contracts as they
 * stood at the row's own block.
 */
import assert from "node:assert/strict";
import type { Ladder } from "../../core/domain/ladder.ts";
import { topOf } from "../../core/domain/pool.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import type { Chain } from "./chain.ts";
import type { RunningPools } from "./running.ts";

/** So many rungs apart, and the first and the last: each costs a call. */
const EVERY = 5;

export class RowChecker {
  /** Rows that were held against the contracts. */
  checked = 0;
  #at = 0;
  /** Fresh rows so far, by cell. */
  readonly #rows = new Map<number, number>();
  readonly #chain: Chain;
  readonly #uniswap: Uniswap;
  readonly #running: RunningPools;
  readonly #pools: Readonly<Record<string, Pool>>;

  /** `pools`: the one pool of each symbol; its base is WETH. */
  constructor(chain: Chain, uniswap: Uniswap, running: RunningPools, pools: Readonly<Record<string, Pool>>) {
    this.#chain = chain;
    this.#uniswap = uniswap;
    this.#running = running;
    this.#pools = pools;
  }

  /** To be called before the chain forgets blocks, as in a reorganisation. */
  async check(what: string): Promise<void> {
    const { all } = this.#running.rows.read();
    for (; this.#at < all.length; this.#at++) {
      const row = all[this.#at]!;
      if (row.state !== QuoteState.fresh) continue;
      const nth = this.#rows.get(row.cell) ?? 0;
      this.#rows.set(row.cell, nth + 1);
      const quote = this.#running.published.of(row.cell)[nth];
      assert.ok(quote !== undefined, `${what}: a row without ladders`);
      const { bid, bidSize, ask, askSize, exchangeTime } = row;
      assert.deepEqual(
        { bid, bidSize, ask, askSize },
        topOf(quote),
        `${what}: a row that is not of its ladders`,
      );
      const blockNumber = BigInt(quote.blockNumber);
      const { timestamp } = await this.#chain.client.getBlock({ blockNumber });
      assert.deepEqual(
        [exchangeTime, quote.blockTime],
        [Number(timestamp) * 1000, Number(timestamp) * 1000],
        what,
      );
      const pool = this.#pools[this.#running.symbols[row.cell]!]!;
      const baseIsToken0 = pool.token0.symbol === "WETH";
      await Promise.all([
        ...rungsOf(quote.sell).map((rung) =>
          this.#verify(pool, baseIsToken0, rung.base, rung.quote, blockNumber, what)
        ),
        ...rungsOf(quote.buy).map((rung) =>
          this.#verify(pool, !baseIsToken0, rung.quote, rung.base, blockNumber, what)
        ),
      ]);
      this.checked++;
    }
  }

  async #verify(
    pool: Pool,
    zeroForOne: boolean,
    given: number,
    got: number,
    blockNumber: bigint,
    what: string,
  ): Promise<void> {
    const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
    const amountIn = BigInt(Math.round(given * 10 ** tokenIn.decimals));
    const { v2Router, quoter } = this.#uniswap;
    const path = [tokenIn.address, tokenOut.address];
    const params = {
      ...{ tokenIn: tokenIn.address, tokenOut: tokenOut.address, fee: pool.feePpm, amountIn },
      sqrtPriceLimitX96: 0n,
    };
    const call = <T>(...[contract, name, args]: [typeof quoter, string, unknown[]]) =>
      this.#chain.call<readonly T[]>(contract, name, args, { blockNumber });
    const pays = pool.version === 2
      ? (await call<bigint>(v2Router, "getAmountsOut", [amountIn, path]))[1]!
      : (await call<bigint>(quoter, "quoteExactInputSingle", [params]))[0]!;
    const off = Math.abs(got * 10 ** tokenOut.decimals - Number(pays));
    assert.ok(
      off <= 2 + 1e-12 * Number(pays),
      `${what}: a row of block ${blockNumber} is off by ${off} of ${pays}`,
    );
  }
}

/** What the ladder says in all up to some of its rungs. */
function rungsOf({ prices, sizes, length }: Ladder): { base: number; quote: number }[] {
  let base = 0;
  let quote = 0;
  const all = Array.from({ length }, (_, step) => {
    base += sizes[step]!;
    quote += sizes[step]! * prices[step]!;
    return { base, quote };
  });
  return all.filter((_, step) => step % EVERY === 0 || step === length - 1);
}
