/** Ways to bring rows to PostgreSQL from Deno, over the connection that the history uses unless said otherwise. */
import { Buffer } from "node:buffer";
import postgres from "postgres";
import { Row } from "../../core/app/channel.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { arraysOf } from "../../adapters/postgres/columns.ts";
import type { Connections } from "../../adapters/postgres/connections.ts";
import { CopyRows } from "../../adapters/postgres/copy_rows.ts";
import type { Value } from "../../adapters/history/columns.ts";
import { pairOf, QUOTE_COLUMNS, STATE_NAMES } from "../../adapters/history/quotes.ts";

export interface Table {
  name: string;
  columns: readonly string[];
  /** Of the columns, `text`, `timestamptz`, … */
  types: readonly string[];
}

export const QUOTES: Table = {
  name: "quotes",
  columns: QUOTE_COLUMNS,
  types: [
    ...["text", "text", "text", "timestamptz", "timestamptz", "text"],
    ...["float8", "float8", "float8", "float8", "float8", "int4"],
  ],
};

/** Rows as text, as an own text encoder has to begin as well. */
export function valuesOf(quotes: QuoteRows): Value[][] {
  const { rows } = quotes;
  const orNull = (value: number) => Number.isNaN(value) ? null : value;
  const time = (ms: number) => Number.isNaN(ms) ? null : new Date(ms).toISOString();
  return Array.from({ length: rows.length / Row.WORDS }, (_, n) => {
    const at = n * Row.WORDS;
    return [
      quotes.mode,
      ...pairOf(quotes, rows[at + Row.cell]!),
      time(rows[at + Row.receivedTime]!),
      time(rows[at + Row.exchangeTime]!),
      STATE_NAMES[rows[at + Row.state]!]!,
      ...[Row.bid, Row.bidSize, Row.ask, Row.askSize, Row.price].map((word) => orNull(rows[at + word]!)),
      rows[at + Row.ticks]!,
    ];
  });
}

const encoder = new TextEncoder();

/** https://www.postgresql.org/docs/current/sql-copy.html, text format. */
export function copyText(rows: readonly (readonly Value[])[]): Uint8Array {
  const escaped = (text: string) => text.replace(/[\\\t\n\r]/g, (one) => `\\${one}`);
  const lines = rows.map((row) =>
    row.map((value) => value === null ? "\\N" : escaped(String(value))).join("\t")
  );
  return encoder.encode(lines.join("\n") + "\n");
}

export async function unnest(
  to: Connections,
  { name, columns, types }: Table,
  rows: Value[][],
): Promise<void> {
  const arrays = types.map((type, n) => `$${n + 1}::${type}[]`);
  const text = `insert into ${name} (${columns}) select * from unnest(${arrays})`;
  await to.run((transaction) => transaction.query(text, arraysOf(rows, columns.length)));
}

export async function multiRow(
  to: Connections,
  { name, columns, types }: Table,
  rows: Value[][],
): Promise<void> {
  const casts = rows[0]!.map((_, n) => `::${types[n]}`);
  let n = 0;
  const lists = rows.map((row) => `(${row.map((_, column) => `$${++n}${casts[column]}`)})`);
  const text = `insert into ${name} (${columns}) values ${lists}`;
  await to.run((transaction) => transaction.query(text, rows.flat()));
}

export async function copyAsText(to: Connections, { name, columns }: Table, rows: Value[][]): Promise<void> {
  await to.run((transaction) => transaction.copy(`copy ${name} (${columns}) from stdin`, [copyText(rows)]));
}

/** The client with the socket that it makes itself. */
export async function copyWithItsSocket(
  sql: postgres.Sql,
  { name, columns }: Table,
  rows: QuoteRows,
): Promise<void> {
  await sql.begin(async (transaction) => {
    const stream = await transaction.unsafe(`copy ${name} (${columns}) from stdin with (format binary)`)
      .writable();
    for (const chunk of new CopyRows().chunks(rows)) {
      await new Promise((resolve) => stream.write(Buffer.from(chunk), resolve));
    }
    await new Promise((resolve) => stream.end(resolve));
  });
}
