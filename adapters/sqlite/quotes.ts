/** Raw ticks in SQLite. */
import { Row } from "../../core/app/channel.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { offsetsOf, pairOf, QUOTE_COLUMNS, STATE_NAMES } from "../history/quotes.ts";
import { toMicrosecond } from "../history/time.ts";
import type { Database } from "./database.ts";

const INSERT = `insert into quotes (${QUOTE_COLUMNS}) values (${QUOTE_COLUMNS.map(() => "?")})`;

/** Within a transaction. */
export function writeQuotes(database: Database, quotes: QuoteRows): void {
  const insert = database.prepare(INSERT);
  const { rows } = quotes;
  for (const at of offsetsOf(quotes)) {
    const [exchange, symbol] = pairOf(quotes, rows[at + Row.cell]!);
    insert.run(
      quotes.mode,
      exchange,
      symbol,
      toMicrosecond(rows[at + Row.receivedTime]!),
      orNull(toMicrosecond(rows[at + Row.exchangeTime]!)),
      STATE_NAMES[rows[at + Row.state]!]!,
      orNull(rows[at + Row.bid]!),
      orNull(rows[at + Row.bidSize]!),
      orNull(rows[at + Row.ask]!),
      orNull(rows[at + Row.askSize]!),
      orNull(rows[at + Row.price]!),
      rows[at + Row.ticks]!,
    );
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
