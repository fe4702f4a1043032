/** Holds every single row that a feed of pools wrote against the contracts, as they stood at the row's own block. */
import assert from "node:assert/strict";
import { QuoteState } from "../../core/domain/quote.ts";
import type { Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import type { Chain } from "./chain.ts";
import type { RunningPools } from "./running.ts";

export class RowChecker {
  /** Rows that were held against the contracts. */
  checked = 0;
  #at = 0;
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
      const blockNumber = await this.#blockAt(row.exchangeTime / 1000, what);
      const pool = this.#pools[this.#running.symbols[row.cell]!]!;
      const baseIsToken0 = pool.token0.symbol === "WETH";
      const { askSize, ask, bid, bidSize } = row;
      await this.#verify(pool, baseIsToken0, bidSize, bid * bidSize, blockNumber, what);
      await this.#verify(pool, !baseIsToken0, ask * askSize, askSize, blockNumber, what);
      this.checked++;
    }
  }

  async #blockAt(timestamp: number, what: string): Promise<bigint> {
    for (let blockNumber = await this.#chain.blockNumber(); blockNumber > 0n; blockNumber--) {
      const block = await this.#chain.client.getBlock({ blockNumber });
      if (Number(block.timestamp) === timestamp) return blockNumber;
      if (Number(block.timestamp) < timestamp) break;
    }
    return assert.fail(`${what}: a row of a time that no block has, ${timestamp}`);
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
