/**
 * People who put liquidity into pools and take it out again, now and then. In v3 they come to where the price
 * is, so that pools stay deep there however far it wanders.
 */
import { keyOf, uniform } from "../../adapters/venues/synthetic/noise.ts";
import type { Contract } from "./chain.ts";
import { amountsFor, type PlannedPool, rangeAround, tickOf } from "./pools.ts";
import type { Standing } from "./standings.ts";
import { burnV3Args, mintV3Args, nextPosition } from "./trade.ts";
import type { Uniswap } from "./uniswap.ts";

/** A transaction to come. */
export interface Order {
  to: Contract;
  name: string;
  args: readonly unknown[];
}

/** In this share of the blocks somebody comes. */
const SHARE = 0.25;
/** A v3 pool keeps so many of their positions; then the oldest goes. */
const MOST_POSITIONS = 5;
/** They reach so many ticks to either side, narrow ones more often, and are these parts of the depth. */
const REACH = { least: 40, most: 1_500 };
const PART = { least: 0.02, most: 0.1 };
/** Of a v2 pool, one part of so many is added, or taken. */
const V2_PARTS = 30n;

interface Position {
  id: bigint;
  range: readonly [number, number];
}

export class Liquidity {
  readonly #uniswap: Uniswap;
  readonly #pools: readonly PlannedPool[];
  readonly #key: number;
  readonly #positions: Position[][];
  /** By pool: whether the last visitor of a v2 pool added. */
  readonly #added: boolean[] = [];

  constructor(uniswap: Uniswap, pools: readonly PlannedPool[], seed: number) {
    this.#uniswap = uniswap;
    this.#pools = pools;
    this.#key = keyOf(seed, "chain", "liquidity");
    this.#positions = pools.map(() => []);
  }

  /** What happens in block number `block`. */
  async orders(block: number, standings: readonly Standing[]): Promise<Order[]> {
    const draw = (n: number) => uniform(this.#key, 8 * block + n);
    if (draw(0) >= SHARE) return [];
    const at = Math.floor(draw(1) * this.#pools.length);
    const standing = standings[at]!;
    if (standing.version === 2) return await this.#visitV2(at, standing.reserve0, standing.reserve1);
    const gone = this.#positions[at]!.length >= MOST_POSITIONS ? await this.#leave(at) : [];
    return [...gone, await this.#come(at, standing.price, draw)];
  }

  async #visitV2(at: number, reserve0: bigint, reserve1: bigint): Promise<Order[]> {
    const { chain } = this.#uniswap;
    const { pool } = this.#pools[at]!;
    const pay = (to: Contract, amount: bigint) => ({ to, name: "transfer", args: [pool.address, amount] });
    this.#added[at] = !this.#added[at];
    if (this.#added[at]) {
      const [amount0, amount1] = [reserve0 / V2_PARTS, reserve1 / V2_PARTS];
      const mint = { to: pool, name: "mint", args: [chain.account] };
      return [pay(pool.token0, amount0), pay(pool.token1, amount1), mint];
    }
    const shares = await chain.call<bigint>(pool, "balanceOf", [chain.account]);
    return [pay(pool, shares / (V2_PARTS + 1n)), { to: pool, name: "burn", args: [chain.account] }];
  }

  async #come(at: number, price: number, draw: (n: number) => number): Promise<Order> {
    const one = this.#pools[at]!;
    const reach = REACH.least + (REACH.most - REACH.least) * draw(2) ** 2;
    const range = rangeAround(one, tickOf(one, price) + (draw(3) - 0.5) * reach, reach);
    const amounts = amountsFor(one, reach, PART.least + (PART.most - PART.least) * draw(4));
    this.#positions[at]!.push({ id: await nextPosition(this.#uniswap), range });
    const { chain, positions } = this.#uniswap;
    return { to: positions, name: "mint", args: mintV3Args(chain, one.pool, range, ...amounts) };
  }

  async #leave(at: number): Promise<Order[]> {
    const { chain, positions } = this.#uniswap;
    const { id, range } = this.#positions[at]!.shift()!;
    // Undefined where it is gone: after a reorganisation, the chain may not know it or have another of this number.
    const now = await chain.call<readonly unknown[]>(positions, "positions", [id]).catch(() => undefined);
    const [fee, from, to, liquidity] = now?.slice(4) ?? [];
    const same = fee === this.#pools[at]!.pool.feePpm && from === range[0] && to === range[1];
    if (!same || liquidity === 0n) return [];
    return [{ to: positions, name: "decreaseLiquidity", args: burnV3Args(id, liquidity as bigint) }];
  }
}
