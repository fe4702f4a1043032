/**
 * How much of a route is worth doing: walks the ladders of both legs together and takes as much as leaves the most, while
 * the whole keeps the net edge that is asked for.
 *
 * Each step costs more and brings less than the one before. So what is left grows until a unit costs what it brings,
 * while the net edge first rises, as a fixed cost spreads over more, and then falls. The best size is where one of the two
 * ends: nothing is gained any more, or the edge is down to the least that is asked for.
 */
import { BPS, costOf, proceedsOf } from "../domain/edge.ts";
import type { Ladder } from "../domain/ladder.ts";

/** The size at which an edge is exactly the least computes to one of a hair less as often as not. */
const ROUNDING = 1e-12;

/** One leg: where it is done, and what that costs beside the prices. */
export interface Leg {
  ladder: Ladder;
  takerFeeBps: number;
  /** What the leg costs whatever its size, in quote currency: the gas of a swap. */
  fixedCostQuote: number;
}

export interface Fill {
  sizeBase: number;
  /** Paid and received, each with taker fees and without fixed costs, in quote currency. */
  costQuote: number;
  proceedsQuote: number;
  /** What is left after everything, and in basis points of `costQuote`. */
  profitQuote: number;
  netBps: number;
}

/**
 * The fill that leaves the most at `minNetBps` or more; undefined where there is none. Sizes and prices in the ladders
 * are finite and above zero.
 */
export function bestFill(buy: Leg, sell: Leg, minNetBps: number): Fill | undefined {
  const least = 1 + minNetBps / BPS;
  const fixed = buy.fixedCostQuote + sell.fixedCostQuote;
  let best: Fill | undefined;
  let size = 0;
  let cost = 0;
  let proceeds = 0;
  const take = (more: number, unitCost: number, unitProceeds: number) => {
    size += more;
    cost += more * unitCost;
    proceeds += more * unitProceeds;
  };
  const keepBest = () => {
    const profit = proceeds - cost - fixed;
    if (cost <= 0 || profit < (least - 1 - ROUNDING) * cost) return;
    if (best !== undefined && profit <= best.profitQuote) return;
    best = {
      sizeBase: size,
      costQuote: cost,
      proceedsQuote: proceeds,
      profitQuote: profit,
      netBps: profit / cost * BPS,
    };
  };

  for (const { sizeBase, ask, bid } of steps(buy.ladder, sell.ladder)) {
    const unitCost = costOf(ask, buy.takerFeeBps);
    const unitProceeds = proceedsOf(bid, sell.takerFeeBps);
    // A unit brings no more than it costs, and none after it will. At a negative threshold that may still be asked for.
    if (unitProceeds <= unitCost && best !== undefined) return best;
    /** How much more than the least is left now, and how much each unit changes that. */
    const spare = proceeds - fixed - least * cost;
    const change = unitProceeds - least * unitCost;
    // From here on the edge of the whole falls: this step is taken as far as that reaches, and it is the last.
    if (change < 0 && spare + change * sizeBase < 0) {
      take(Math.max(0, spare / -change), unitCost, unitProceeds);
      keepBest();
      return best;
    }
    take(sizeBase, unitCost, unitProceeds);
    keepBest();
  }
  return best;
}

/** Both ladders in steps in which neither price changes. */
function* steps(asks: Ladder, bids: Ladder): Generator<{ sizeBase: number; ask: number; bid: number }> {
  let ask = 0;
  let bid = 0;
  let askLeft = asks.sizes[0] ?? 0;
  let bidLeft = bids.sizes[0] ?? 0;
  while (ask < asks.length && bid < bids.length) {
    const sizeBase = Math.min(askLeft, bidLeft);
    yield { sizeBase, ask: asks.prices[ask]!, bid: bids.prices[bid]! };
    askLeft -= sizeBase;
    bidLeft -= sizeBase;
    if (askLeft <= 0) askLeft = asks.sizes[++ask] ?? 0;
    if (bidLeft <= 0) bidLeft = bids.sizes[++bid] ?? 0;
  }
}
