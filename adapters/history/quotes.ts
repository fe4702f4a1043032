/** Raw ticks as the channel packs them, as they are kept. */
import { Row } from "../../core/app/channel.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { plain } from "./columns.ts";

export const QUOTE_COLUMNS = [
  "mode",
  "exchange",
  "pair_name",
  "received_time",
  "exchange_time",
  "state",
  "bid",
  "bid_size",
  "ask",
  "ask_size",
  "price",
  "ticks",
] as const;

/** By `QuoteState`. */
export const STATE_NAMES: readonly string[] = Object.entries(QuoteState)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name);

/** The exchange and the symbol of a cell. */
export function pairOf({ exchanges, symbols }: QuoteRows, cell: number): readonly [string, string] {
  const exchange = exchanges[Math.trunc(cell / symbols.length)];
  const symbol = symbols[cell % symbols.length];
  if (exchange === undefined || symbol === undefined) throw new RangeError(`No pair has cell ${cell}`);
  return [plain(exchange), plain(symbol)];
}

/** Offsets of the rows. */
export function* offsetsOf({ rows }: QuoteRows): Generator<number> {
  for (let at = 0; at + Row.WORDS <= rows.length; at += Row.WORDS) yield at;
}
