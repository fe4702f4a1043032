/**
 * The arithmetic of a route: buy at one venue's ask, sell at another's bid, pay both taker fees.
 *
 * A fee of `f` makes the buyer pay `ask × (1 + f)` and leaves the seller `bid × (1 − f)`, per unit of base. Both fees
 * are taken in quote currency, as the base tier of the venues does.
 *
 * A spread of 30 bps, with a taker fee of 10 bps at each venue, leaves a third of it:
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { costOf, edgeBps, proceedsOf } from "./edge.ts";
 *
 * const [ask, bid] = [67_000, 67_201];
 * assert.equal(edgeBps(bid, ask).toFixed(2), "30.00");
 * assert.equal(edgeBps(proceedsOf(bid, 10), costOf(ask, 10)).toFixed(2), "9.96");
 * ```
 */

export const BPS = 10_000;

/** What a buyer pays per unit of base, in quote currency. */
export function costOf(ask: number, takerFeeBps: number): number {
  return ask * (1 + takerFeeBps / BPS);
}

/** What a seller receives per unit of base, in quote currency. */
export function proceedsOf(bid: number, takerFeeBps: number): number {
  return bid * (1 - takerFeeBps / BPS);
}

/** How much more `proceeds` is than `cost`, in basis points of `cost`. */
export function edgeBps(proceeds: number, cost: number): number {
  return (proceeds / cost - 1) * BPS;
}
