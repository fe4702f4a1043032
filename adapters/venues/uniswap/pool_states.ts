/**
 * The pools of a venue as they stand, moved by the logs of each block, and what they quote. Ladders are
 * computed anew for the pools that a block touched and for no other; number and time of the block, and gas,
 * are new for all.
 */
import type { PoolQuote } from "../../../core/domain/pool.ts";
import { bestPool } from "./best_pool.ts";
import type { ChainLog, Head } from "./chain.ts";
import type { FollowedStates } from "./chain_reader.ts";
import type { FoundPool, Market } from "./discovery.ts";
import type { Gas } from "./gas.ts";
import { inverted } from "./ladder.ts";
import { buySteps, sellSteps } from "./ladder_steps.ts";
import { poolEventOf } from "./logs.ts";
import type { Protocol } from "./protocols.ts";
import type { BatchReader } from "./snapshot.ts";

/** Where quotes go. A symbol is named by its place in the specification. */
export interface PoolSink {
  quote(symbolId: number, quote: PoolQuote): void;
  /** No pool of the symbol can be bought from and sold to. */
  withdraw(symbolId: number): void;
  /** Nothing that was published counts any more. */
  stale(reason: string): void;
  /** All quotes of the block were handed over. */
  published(block: Head): void;
  /** The states are being read, for the first time or anew. */
  reading(): void;
}

/** What a pool quotes for one symbol, whatever the block. */
type View = Pick<PoolQuote, "mid" | "buy" | "sell"> & { pool: FoundPool };

interface Tracked<S> {
  pool: FoundPool;
  state: S | undefined;
  changed: boolean;
  /** For each of the pool's markets; undefined where it has no price. */
  views: (View | undefined)[];
}

interface Quoted<S> {
  symbolId: number;
  /** The pools of the symbol, and which of the pool's markets it is. */
  pools: { tracked: Tracked<S>; market: number }[];
  best: View | undefined;
}

/** Without gas pools are quoted all the same, and routes with them have to wait for it. */
const FIRST_GAS_MS = 1_000;

export class PoolStates<S> implements FollowedStates<S[]> {
  readonly #protocol: Protocol<S>;
  readonly #rpc: BatchReader;
  readonly #gas: Gas;
  readonly #sink: PoolSink;
  readonly #tracked: Tracked<S>[];
  readonly #byAddress: ReadonlyMap<string, Tracked<S>>;
  readonly #quoted: Quoted<S>[];
  #isFirst = true;

  constructor(
    protocol: Protocol<S>,
    pools: readonly FoundPool[],
    { rpc, gas, sink }: { rpc: BatchReader; gas: Gas; sink: PoolSink },
  ) {
    this.#protocol = protocol;
    this.#rpc = rpc;
    this.#gas = gas;
    this.#sink = sink;
    this.#tracked = pools.map((pool) => ({ pool, state: undefined, changed: true, views: [] }));
    this.#byAddress = new Map(this.#tracked.map((tracked) => [tracked.pool.address, tracked]));
    const quoted = new Map<number, Quoted<S>>();
    for (const tracked of this.#tracked) {
      for (const [market, { symbolId }] of tracked.pool.markets.entries()) {
        const of = quoted.get(symbolId) ?? { symbolId, pools: [], best: undefined };
        of.pools.push({ tracked, market });
        quoted.set(symbolId, of);
      }
    }
    this.#quoted = [...quoted.values()];
  }

  async read({ hash }: Head, signal?: AbortSignal): Promise<S[] | { problem: string }> {
    this.#sink.reading();
    // The first quotes should have their gas. No other reading waits for it, and this one not for long.
    const gas = this.#isFirst ? this.#gas.readWithin(FIRST_GAS_MS) : undefined;
    this.#isFirst = false;
    const rpc: BatchReader = { batch: (calls) => this.#rpc.batch(calls, signal) };
    const states = await this.#protocol.read(rpc, hash, this.#tracked.map(({ pool }) => pool));
    await gas;
    return states;
  }

  adopt(states: S[]): void {
    for (const [n, tracked] of this.#tracked.entries()) {
      tracked.state = states[n]!;
      tracked.changed = true;
    }
  }

  apply(logs: readonly ChainLog[]): { problem: string } | undefined {
    for (const log of logs) {
      const tracked = this.#byAddress.get(log.address);
      if (tracked === undefined) continue;
      const event = poolEventOf(log);
      if (event.kind === "malformed") return { problem: event.reason };
      const state = this.#protocol.applied(tracked.state!, event);
      if (state === undefined) {
        return { problem: `A ${event.kind} of pool ${log.address} does not fit on its state` };
      }
      if (state === tracked.state) continue;
      tracked.state = state;
      tracked.changed = true;
    }
    // Ticks that nobody asked for are not guessed: the pools are read anew while there are some left.
    for (const { changed, state, pool } of this.#tracked) {
      const why = changed ? this.#protocol.worn(state!) : undefined;
      if (why !== undefined) return { problem: `${why}: pool ${pool.address}` };
    }
  }

  publish(block: Head): void {
    const changed = new Set<Tracked<S>>();
    for (const tracked of this.#tracked) {
      if (!tracked.changed) continue;
      tracked.changed = false;
      tracked.views = this.#viewsOf(tracked);
      changed.add(tracked);
    }
    const gasNative = this.#gas.native;
    for (const quoted of this.#quoted) {
      if (quoted.pools.some(({ tracked }) => changed.has(tracked))) {
        const views = quoted.pools.flatMap(({ tracked, market }) => tracked.views[market] ?? []);
        quoted.best = bestPool(views, views.find(({ pool }) => pool === quoted.best?.pool));
      }
      if (quoted.best === undefined) {
        this.#sink.withdraw(quoted.symbolId);
        continue;
      }
      const { pool: { address, feePpm }, mid, buy, sell } = quoted.best;
      const info = { address, feePpm, blockNumber: block.number, blockTime: block.timestamp * 1000 };
      this.#sink.quote(quoted.symbolId, { ...info, mid, gasNative, buy, sell });
    }
    this.#sink.published(block);
  }

  stale(reason: string): void {
    this.#sink.stale(reason);
  }

  #viewsOf({ pool, state }: Tracked<S>): (View | undefined)[] {
    const marginal = this.#protocol.marginal(pool, state!);
    if (marginal === undefined) return pool.markets.map(() => undefined);
    const [of0, of1] = [true, false].map((zeroForOne) => this.#protocol.rungs(pool, state!, zeroForOne));
    const { token0, token1 } = pool;
    const view = ({ baseIsToken0 }: Market): View =>
      baseIsToken0
        ? {
          pool,
          mid: marginal.mid,
          buy: buySteps(of1!, token0, token1),
          sell: sellSteps(of0!, token0, token1),
        }
        : {
          pool,
          mid: inverted(marginal).mid,
          buy: buySteps(of0!, token1, token0),
          sell: sellSteps(of1!, token1, token0),
        };
    return pool.markets.map(view);
  }
}
