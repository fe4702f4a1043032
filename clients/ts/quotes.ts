/** Quotes as they change: of each at most one at a time, the latest. */
import type { StreamEvent, StreamOptions } from "./options.ts";
import { MarketStream, type Subject } from "./stream.ts";
import type { Mode, Quote, QuoteFilter } from "./types.ts";

/** What happens to quotes. A snapshot replaces all of them, everything else changes one. */
export type QuoteChange =
  /** All present quotes. */
  | { type: "snapshot"; mode: Mode; quotes: Quote[] }
  | { type: "update"; quote: Quote }
  /** It is no more: a side of the book is empty, the book is not valid, or its worker is gone. */
  | { type: "withdrawn"; exchange: string; symbol: string };

export type QuoteEvent = QuoteChange | StreamEvent<QuoteFilter>;

/** Quotes are in `rows` by `quoteKey`. */
export type QuoteStream = MarketStream<Quote, QuoteFilter, QuoteChange>;

/**
 * Follows quotes of the program at `server`, for example `http://127.0.0.1:8080`.
 *
 * Throws a TypeError where that is no such address, and a RangeError for a number that makes no sense; all that can go
 * wrong later is told by the stream.
 */
export function followQuotes(
  server: string | URL,
  { symbol, exchange, ...options }: QuoteFilter & StreamOptions = {},
): QuoteStream {
  const filter: QuoteFilter = { symbol, exchange };
  return new MarketStream(subject, server, filter, options);
}

/** Under which a quote stands in a table, for example `kraken BTC-USDT`. */
export function quoteKey({ exchange, symbol }: { exchange: string; symbol: string }): string {
  return `${exchange} ${symbol}`;
}

/** Brings a table by `quoteKey` up to date with an event; events that are not about quotes leave it as it is. */
export function applyToQuotes(rows: Map<string, Quote>, event: QuoteEvent): void {
  switch (event.type) {
    case "snapshot":
      rows.clear();
      for (const quote of event.quotes) rows.set(quoteKey(quote), quote);
      break;
    case "update":
      rows.set(quoteKey(event.quote), event.quote);
      break;
    case "withdrawn":
      rows.delete(quoteKey(event));
  }
}

const subject: Subject<Quote, QuoteChange> = {
  path: "/quotes/ws",
  read(message) {
    switch (message.kind) {
      case "quoteSnapshot":
        return [{ type: "snapshot", mode: message.mode, quotes: message.quotes }];
      case "quoteUpdate":
        return [
          ...message.withdrawn.map((key) => ({ type: "withdrawn" as const, ...key })),
          ...message.quotes.map((quote) => ({ type: "update" as const, quote })),
        ];
    }
  },
  keyOf(change) {
    if (change.type === "snapshot") return undefined;
    return quoteKey(change.type === "update" ? change.quote : change);
  },
  apply: applyToQuotes,
  snapshot: (mode, quotes) => ({ type: "snapshot", mode, quotes }),
};
