/**
 * Who makes the blocks of the emulated chain, and trades in them: pools are swapped to where the market has them once
 * they are off by more than it would cost.
 */
import { type PlannedPool, reservesAt, sqrtPriceAt } from "./pools.ts";
import type { Hex } from "./chain.ts";
import { gasPriceWei } from "./gas_price.ts";
import { Liquidity, type Order } from "./liquidity.ts";
import { nameOf, type Targets } from "./plan.ts";
import { type Standing, standings } from "./standings.ts";
import { swapV2Args, swapV3Args } from "./trade.ts";
import type { Uniswap } from "./uniswap.ts";

/** How a pool stands after a block; prices in quote per base. */
export interface PoolReport {
  name: string;
  address: string;
  price: number;
  /** Where the market has it. */
  target: number;
}

export interface BlockReport {
  number: number;
  /** Seconds since the epoch. */
  timestamp: number;
  /** What the node asks for gas from now on. */
  gasPriceGwei: number;
  transactions: number;
  /** Transactions of the maker's own that a contract refused, or that found no room, since the beginning. */
  failed: number;
  pools: PoolReport[];
}

/** A pool is left alone while it is off by less than this share of its fee, and a little. */
const LEFT_ALONE = { feeShare: 0.25, bps: 1 };
/** More than any swap takes: the price ends it. */
const PLENTY = 2n ** 120n;

export class Maker {
  readonly #uniswap: Uniswap;
  readonly #pools: readonly PlannedPool[];
  readonly #targets: Targets;
  readonly #liquidity: Liquidity;
  readonly #seed: number;
  #failed = 0;
  /** The step that gas has its price of. */
  #gasStep = 0;

  constructor(uniswap: Uniswap, pools: readonly PlannedPool[], targets: Targets, seed: number) {
    this.#uniswap = uniswap;
    this.#pools = pools;
    this.#targets = targets;
    this.#seed = seed;
    this.#liquidity = new Liquidity(uniswap, pools, seed);
  }

  /** From now on no block is made but by `block`. */
  async begin(step: number): Promise<void> {
    await this.#uniswap.chain.stopMining();
    this.#gasStep = step;
    await this.#announceGas();
  }

  /**
   * Makes a block at a step of the market; while that is `frozen` nobody trades and gas costs what it did. All that was
   * sent to the chain is in it, so nothing piles up. `now` is in ms since the epoch.
   */
  async block(step: number, frozen: boolean, now: number): Promise<BlockReport> {
    const { chain } = this.#uniswap;
    const last = await chain.client.getBlock();
    this.#targets.step(step);
    const before = await standings(chain, this.#pools);
    const orders = frozen ? [] : [
      ...before.flatMap((standing, at) => this.#swap(this.#pools[at]!, standing)),
      ...await this.#liquidity.orders(Number(last.number) + 1, before),
    ];
    const hashes: Hex[] = [];
    for (const { to, name, args } of orders) hashes.push(await chain.queue(to, name, args));
    // Blocks of a real chain never have the same time.
    const timestamp = Math.max(Math.floor(now / 1000), Number(last.timestamp) + 1);
    await chain.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) });
    if (!frozen) this.#gasStep = step;
    await this.#announceGas();
    await chain.mine();
    const [block, gasPrice, after] = await Promise.all([
      chain.client.getBlock(),
      chain.client.getGasPrice(),
      standings(chain, this.#pools),
    ]);
    await this.#check(hashes);
    const pools = this.#pools.map(({ plan, pool }, at) => ({
      ...{ name: nameOf(plan), address: pool.address },
      ...{ price: after[at]!.price, target: this.#targets.price(plan) },
    }));
    const { length: transactions } = block.transactions;
    const gasPriceGwei = Number(gasPrice) / 1e9;
    return {
      ...{ number: Number(block.number), timestamp, gasPriceGwei },
      transactions,
      failed: this.#failed,
      pools,
    };
  }

  /** Before a block, so that whoever hears of the block and asks is told what holds after it. */
  async #announceGas(): Promise<void> {
    const price = gasPriceWei(this.#seed, this.#gasStep);
    await this.#uniswap.chain.request("anvil_setMinGasPrice", [`0x${price.toString(16)}`]);
  }

  #swap(one: PlannedPool, standing: Standing): Order[] {
    const { plan, pool, base, quote } = one;
    const { chain, router, v2Router } = this.#uniswap;
    const target = this.#targets.price(plan);
    const offBps = (standing.price / target - 1) * 1e4;
    if (Math.abs(offBps) <= LEFT_ALONE.bps + LEFT_ALONE.feeShare * plan.feePpm / 100) return [];
    // Base goes in where it costs too much.
    const zeroForOne = (offBps > 0) === (pool.token0 === base);
    if (standing.version === 3) {
      const limit = sqrtPriceAt(one, target);
      return [{
        to: router,
        name: "exactInputSingle",
        args: swapV3Args(chain, pool, zeroForOne, PLENTY, limit),
      }];
    }
    const [baseAt, quoteAt] = reservesAt(target, base, quote, standing.reserve0 * standing.reserve1);
    const [baseNow, quoteNow] = pool.token0 === base
      ? [standing.reserve0, standing.reserve1]
      : [standing.reserve1, standing.reserve0];
    const amountIn = offBps > 0 ? baseAt - baseNow : quoteAt - quoteNow;
    const args = swapV2Args(chain, pool, zeroForOne, amountIn);
    return [{ to: v2Router, name: "swapExactTokensForTokens", args }];
  }

  async #check(hashes: readonly Hex[]): Promise<void> {
    const { client } = this.#uniswap.chain;
    const receipts = await Promise.all(
      hashes.map((hash) => client.getTransactionReceipt({ hash }).catch(() => undefined)),
    );
    this.#failed += receipts.filter((receipt) => receipt?.status !== "success").length;
  }
}
