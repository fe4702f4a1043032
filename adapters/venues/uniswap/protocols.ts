/** The two kinds of pools, each as the same few functions: how one is read, moved by a log, and what it pays. */
import type { PoolEvent } from "./events.ts";
import type { FoundPool } from "./discovery.ts";
import { type MarginalPrice, type Rung, v2Ladder, v2Marginal, v3Ladder, v3Marginal } from "./ladder.ts";
import type { V2State, V3State } from "./pool.ts";
import { v2Sizes, v3Sizes } from "./sizes.ts";
import { type BatchReader, readSnapshot } from "./snapshot.ts";
import { MAX_TICK, MIN_TICK } from "./tick_math.ts";
import { v3Applied } from "./v3_state.ts";

export interface Protocol<S> {
  /** The states of all pools, in their order, after a block; or why they cannot be had. */
  read(rpc: BatchReader, blockHash: string, pools: readonly FoundPool[]): Promise<S[] | { problem: string }>;
  /** The same object where the event changes nothing; undefined where it does not fit. */
  applied(state: S, event: PoolEvent): S | undefined;
  /** Why a state has to be read anew although it is right; undefined where it need not. */
  worn(state: S): string | undefined;
  /** What the pool pays, for sizes that follow its curve; `zeroForOne` means token 0 goes in. */
  rungs(pool: FoundPool, state: S, zeroForOne: boolean): Rung[];
  marginal(pool: FoundPool, state: S): MarginalPrice | undefined;
}

export const v2: Protocol<V2State> = {
  async read(rpc, blockHash, pools) {
    const states = await readSnapshot(rpc, blockHash, { v2: pools.map(({ address }) => address), v3: [] });
    return "problem" in states ? states : states.v2;
  },
  // Sync comes with everything that moves a pair.
  applied: (state, event) =>
    event.kind === "v2_sync" ? { reserve0: event.reserve0, reserve1: event.reserve1 } : state,
  worn: () => undefined,
  rungs: ({ feePpm }, state, zeroForOne) => v2Ladder(state, feePpm, zeroForOne, v2Sizes(state, zeroForOne)),
  marginal: v2Marginal,
};

/** Words of the bitmap that have to be left between the price and the end of what is loaded. */
const WORDS_LEFT = 2;
const WORD_TICKS = 256;

export const v3: Protocol<V3State> = {
  async read(rpc, blockHash, pools) {
    const states = await readSnapshot(rpc, blockHash, { v2: [], v3: pools });
    return "problem" in states ? states : states.v3;
  },
  applied(state, event) {
    switch (event.kind) {
      case "v3_initialize":
      case "v3_swap":
      case "v3_mint":
      case "v3_burn":
        return v3Applied(state, event);
      default:
        return state;
    }
  },
  worn({ tick, tickSpacing, fromTick, toTick }) {
    const least = WORDS_LEFT * WORD_TICKS * tickSpacing;
    const below = fromTick <= MIN_TICK || tick - fromTick >= least;
    const above = toTick >= MAX_TICK || toTick - tick >= least;
    return below && above ? undefined : "The price comes near the end of the ticks that are loaded";
  },
  rungs: ({ feePpm }, state, zeroForOne) =>
    v3Ladder(state, feePpm, zeroForOne, v3Sizes(state, feePpm, zeroForOne)),
  marginal: v3Marginal,
};
