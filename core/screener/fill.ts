/**
 * How much of a route is worth doing: walks the ladders of both legs together and takes as much as leaves the
 * most, while the whole keeps the net edge that is asked for.
 *
 * Each step costs more and brings less than the one before. So what is left grows until a unit costs what it
 * brings, while the net edge first rises, as a fixed cost spreads over more, and then falls. The best size is
 * where one of the two ends: nothing is gained any more, or the edge is down to the least that is asked for.
 */
import { BPS, costOf, proceedsOf } from "../domain/edge.ts";
import type { Ladder } from "../domain/ladder.ts";

/**
 * An edge of exactly the least computes to a hair less as often as not: 100 → 100.05 is 4.9999999999994 bps.
 * So much less is still enough.
 */
export const ROUNDING_BPS = 1e-8;

/** One leg: where it is done, and what that costs beside the prices. */
export interface Leg {
  ladder: Ladder;
  takerFeeBps: number;
  /** What the leg costs whatever its size, in quote currency: the gas of a swap. */
  fixedCostQuote: number;
}

export interface Fill {
  sizeBase: number;
  /** What the steps of the ladders cost and bring, in quote currency. */
  paidQuote: number;
  receivedQuote: number;
  /** The same with taker fees, without fixed costs. */
  costQuote: number;
  proceedsQuote: number;
  /** What is left after everything, and in basis points of `costQuote`. */
  profitQuote: number;
  netBps: number;
}

/**
 * The fill that leaves the most at `minNetBps` or more; undefined where there is none. Sizes and prices in
 * the ladders are finite and above zero. Where every unit loses, which a threshold below zero allows, it is
 * the first step, or as much as spreads a fixed cost far enough.
 */
export function bestFill(buy: Leg, sell: Leg, minNetBps: number): Fill | undefined {
  const asks = buy.ladder;
  const bids = sell.ladder;
  const buyFactor = costOf(1, buy.takerFeeBps);
  const sellFactor = proceedsOf(1, sell.takerFeeBps);
  const fixed = buy.fixedCostQuote + sell.fixedCostQuote;
  /** What a unit of cost has to bring. */
  const least = 1 + (minNetBps - ROUNDING_BPS) / BPS;
  let ask = 0;
  let bid = 0;
  let askLeft = asks.sizes[0] ?? 0;
  let bidLeft = bids.sizes[0] ?? 0;
  let size = 0;
  let paid = 0;
  let received = 0;
  for (let last = false; !last && ask < asks.length && bid < bids.length;) {
    const askPrice = asks.prices[ask]!;
    const bidPrice = bids.prices[bid]!;
    const unitCost = askPrice * buyFactor;
    const unitProceeds = bidPrice * sellFactor;
    /** How much more than the least is left now, and how much each unit of this step changes that. */
    const spare = received * sellFactor - fixed - least * paid * buyFactor;
    const change = unitProceeds - least * unitCost;
    const loses = unitProceeds <= unitCost;
    // A unit brings no more than it costs, and none after it will.
    if (loses && size > 0 && spare >= 0) break;
    let more = Math.min(askLeft, bidLeft);
    if (change < 0 && spare + change * more < 0) {
      // The edge of the whole falls from here on: the step is taken as far as it stays above the least.
      more = Math.max(0, spare / -change);
      last = true;
    } else if (loses && spare < 0 && spare + change * more >= 0) {
      more = -spare / change;
      last = true;
    }
    size += more;
    paid += more * askPrice;
    received += more * bidPrice;
    askLeft -= more;
    bidLeft -= more;
    // Asked the other way round, NaN would be a step without end.
    if (!(askLeft > 0)) askLeft = asks.sizes[++ask] ?? 0;
    if (!(bidLeft > 0)) bidLeft = bids.sizes[++bid] ?? 0;
  }
  const cost = paid * buyFactor;
  const proceeds = received * sellFactor;
  const profit = proceeds - cost - fixed;
  // A step that was cut where the edge is the least computes to a hair less, too.
  if (!(cost > 0 && profit >= (least - 1 - ROUNDING_BPS / BPS) * cost)) return undefined;
  return {
    sizeBase: size,
    paidQuote: paid,
    receivedQuote: received,
    costQuote: cost,
    proceedsQuote: proceeds,
    profitQuote: profit,
    netBps: profit / cost * BPS,
  };
}
