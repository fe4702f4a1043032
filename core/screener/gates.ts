/**
 * Gates: checks that refuse a route whose prices alone would make it an opportunity. A refusal has a reason and is
 * counted, so that a spread that is not shown can be explained.
 */
import { isPrice, isSize, QuoteState } from "../domain/quote.ts";
import type { RouteLeg } from "./legs.ts";

export type Refusal =
  /** A leg has no quote: an empty side, an invalid book, or no worker. */
  | "leg_withdrawn"
  /** A leg's feed died or fell silent. */
  | "leg_stale"
  /** A leg has no size at the top of its book, so nothing says that it can be filled. */
  | "size_unknown"
  /** A leg is a pool, and the gas of a swap or the price of the coin that pays for it is not known. */
  | "gas_unknown";

export const REFUSALS: readonly Refusal[] = ["leg_withdrawn", "leg_stale", "size_unknown", "gas_unknown"];

/** The first gate that refuses the two legs of a route, or undefined. */
export function refuse(buy: RouteLeg, sell: RouteLeg): Refusal | undefined {
  if (buy.state === QuoteState.withdrawn || sell.state === QuoteState.withdrawn) return "leg_withdrawn";
  if (buy.state === QuoteState.stale || sell.state === QuoteState.stale) return "leg_stale";
  if (!isPrice(buy.ladder.prices[0] ?? NaN) || !isPrice(sell.ladder.prices[0] ?? NaN)) return "leg_withdrawn";
  if (!isSize(buy.ladder.sizes[0] ?? NaN) || !isSize(sell.ladder.sizes[0] ?? NaN)) return "size_unknown";
  if (Number.isNaN(buy.fixedCostQuote) || Number.isNaN(sell.fixedCostQuote)) return "gas_unknown";
  return undefined;
}
