/** Bars in PostgreSQL. */
import { type Bar, INTERVALS, type StoredInterval } from "../../core/domain/bar.ts";
import type { BarsQuery } from "../../core/ports/history.ts";
import { BAR_COLUMNS, BAR_KEY, type BarRow, barValues, intervalsOf, toBar } from "../history/columns.ts";
import { inOrder, reachOf } from "../history/pages.ts";
import { DAY_MS, HOUR_MS } from "../history/time.ts";
import { bestOfEach, knowsAsMuch } from "../history/versions.ts";
import { arrayOf, arraysOf, selected, unnested, upsert } from "./columns.ts";
import { combined } from "./combined.ts";
import type { Transaction } from "./connections.ts";

const TABLES: Record<StoredInterval, string> = { "1m": "minutes", "1h": "hours", "1d": "days" };
const COLUMNS = Object.keys(BAR_COLUMNS);
/** In one statement. */
const ROWS = 5_000;

/** `rows`: a query of the columns of a bar. */
export const upsertMinutes = (rows: string) =>
  upsert("minutes", COLUMNS, BAR_KEY, rows, knowsAsMuch("excluded", "old"));

/**
 * Computes hours or days anew from what lies in them. `parts`: which, as rows of mode, pair, exchange and begin in ms.
 * `lateral` reads each by its key, whatever the planner believes.
 */
const rollUp = (from: string, to: string, hours: number) => (parts: string) =>
  upsert(
    to,
    COLUMNS,
    BAR_KEY,
    `select ${
      COLUMNS.map((column) => column === "timestamp" ? "to_timestamp(part.begin / 1000)" : column).join(", ")
    } from ${parts} as part (mode, pair_name, exchange, begin)
    cross join lateral (${
      combined(
        `select * from ${from} as bar where bar.mode = part.mode and bar.pair_name = part.pair_name
        and bar.exchange = part.exchange and bar.timestamp >= to_timestamp(part.begin / 1000)
        and bar.timestamp < to_timestamp(part.begin / 1000) + interval '${hours} hours'`,
        `count(*) = ${hours === 1 ? 60 : 24}`,
      )
    }) as whole`,
  );
export const rollUpHours = rollUp("minutes", "hours", 1);
export const rollUpDays = rollUp("hours", "days", 24);

const UPSERT_MINUTES = upsertMinutes(unnested(BAR_COLUMNS));
const PARTS = "unnest($1::text[], $2::text[], $3::text[], $4::float8[])";
const ROLL_UP_HOURS = rollUpHours(PARTS);
const ROLL_UP_DAYS = rollUpDays(PARTS);

/** The minutes, then the hours and days that they lie in, from what is there now. */
export async function writeMinutes(transaction: Transaction, minutes: readonly Bar[]): Promise<void> {
  // In the order of the key, so that two writers lock rows in the same order.
  const best = bestOfEach(minutes);
  for (let n = 0; n < best.length; n += ROWS) {
    const rows = best.slice(n, n + ROWS).map(barValues);
    await transaction.query(UPSERT_MINUTES, arraysOf(rows, COLUMNS.length));
  }
  await computeAnew(transaction, ROLL_UP_HOURS, best, HOUR_MS);
  await computeAnew(transaction, ROLL_UP_DAYS, best, DAY_MS);
}

async function computeAnew(
  transaction: Transaction,
  sql: string,
  bars: readonly Bar[],
  lengthMs: number,
): Promise<void> {
  const rows = intervalsOf(bars, lengthMs).map((one) => [one.mode, one.symbol, one.exchange, one.begin]);
  for (let n = 0; n < rows.length; n += ROWS) {
    await transaction.query(sql, arraysOf(rows.slice(n, n + ROWS), 4));
  }
}

/** Jumps from one exchange to the next in the index, instead of reading all rows for their names. */
const EXCHANGES = (table: string) =>
  `with recursive found (exchange) as (
    (select min(exchange) from ${table} where mode = $1 and pair_name = $2)
    union all
    select (select min(exchange) from ${table} where mode = $1 and pair_name = $2 and exchange > found.exchange)
    from found where found.exchange is not null
  ) select exchange from found where exchange is not null`;

export async function exchangesOf(
  transaction: Transaction,
  interval: StoredInterval,
  { mode, symbol, exchange }: Omit<BarsQuery, "interval">,
): Promise<string[]> {
  if (exchange !== undefined) return [exchange];
  const rows = await transaction.query<{ exchange: string }>(EXCHANGES(TABLES[interval]), [mode, symbol]);
  return rows.map((row) => row.exchange);
}

/** One page of bars and where the next one begins; undefined behind the last. */
export async function barsPage(
  transaction: Transaction,
  query: BarsQuery,
  exchanges: readonly string[],
  from: number,
): Promise<{ bars: Bar[]; next: number | undefined }> {
  const limit = reachOf(exchanges.length);
  const rows = await transaction.query<BarRow>(
    `select ${selected(BAR_COLUMNS)} from unnest($3::text[]) as named (exchange_name) cross join lateral (
      select * from ${
      TABLES[query.interval]
    } where mode = $1 and pair_name = $2 and exchange = named.exchange_name
      and timestamp >= to_timestamp($4::float8 / 1000) and timestamp < to_timestamp($5::float8 / 1000)
      order by timestamp limit $6) as bar`,
    [query.mode, query.symbol, arrayOf(exchanges), from, query.to, limit],
  );
  const series = [...Map.groupBy(rows.map(toBar), ({ exchange }) => exchange).values()];
  for (const bars of series) bars.sort((a, b) => a.timestamp - b.timestamp);
  return inOrder(series, limit, INTERVALS[query.interval]);
}
