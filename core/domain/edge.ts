/**
 * The arithmetic of a route: buy at one venue's ask, sell at another's bid, pay both taker fees.
 *
 * A fee of `f` makes the buyer pay `ask × (1 + f)` and leaves the seller `bid × (1 − f)`, per unit of base. Both fees
 * are taken in quote currency, as the base tier of the venues does.
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
