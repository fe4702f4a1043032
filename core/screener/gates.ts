/**
 * Gates: checks that refuse a route whose prices alone would make it an opportunity. A refusal has a reason and is
 * counted, so that a spread that is not shown can be explained.
 */
import { isPrice, isSize, QuoteState } from "../domain/quote.ts";
import type { QuoteTable } from "./quote_table.ts";

export type Refusal =
  /** A leg has no quote: an empty side, an invalid book, or no worker. */
  | "leg_withdrawn"
  /** A leg's feed died or fell silent. */
  | "leg_stale"
  /** A leg has no size at the top of its book, so nothing says that it can be filled. */
  | "size_unknown";

export const REFUSALS: readonly Refusal[] = ["leg_withdrawn", "leg_stale", "size_unknown"];

/** The first gate that refuses buying at cell `buy` and selling at cell `sell`, or undefined. */
export function refuse(table: QuoteTable, buy: number, sell: number): Refusal | undefined {
  if (table.state[buy] === QuoteState.withdrawn || table.state[sell] === QuoteState.withdrawn) {
    return "leg_withdrawn";
  }
  if (table.state[buy] === QuoteState.stale || table.state[sell] === QuoteState.stale) return "leg_stale";
  if (!isPrice(table.ask[buy]!) || !isPrice(table.bid[sell]!)) return "leg_withdrawn";
  if (!isSize(table.askSize[buy]!) || !isSize(table.bidSize[sell]!)) return "size_unknown";
  return undefined;
}
