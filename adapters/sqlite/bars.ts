/** Bars in SQLite. */
import { type Bar, INTERVALS, MINUTE_MS, type StoredInterval } from "../../core/domain/bar.ts";
import type { BarsQuery } from "../../core/ports/history.ts";
import { combine } from "../../core/stats/aggregate.ts";
import { BAR_COLUMNS, BAR_KEY, type BarRow, barValues, intervalsOf, toBar } from "../history/columns.ts";
import { inOrder, reachOf } from "../history/pages.ts";
import type { Step } from "../history/steps.ts";
import { DAY_MS, HOUR_MS } from "../history/time.ts";
import { bestOfEach, knowsAsMuch } from "../history/versions.ts";
import type { Database } from "./database.ts";

const TABLES: Record<StoredInterval, string> = { "1m": "minutes", "1h": "hours", "1d": "days" };
const COLUMNS = Object.keys(BAR_COLUMNS);

/** `condition`: what has to be true of the rows `excluded`, which is the new one, and `old` to replace it. */
function upsert(table: string, condition = "true"): string {
  const values = COLUMNS.filter((column) => !(BAR_KEY as readonly string[]).includes(column));
  return `insert into ${table} as old (${COLUMNS}) values (${
    COLUMNS.map(() => "?")
  }) on conflict (${BAR_KEY}) ` +
    `do update set ${values.map((column) => `${column} = excluded.${column}`)} where ${condition}`;
}

function range(table: string): string {
  return `select ${COLUMNS} from ${table} where mode = ? and pair_name = ? and exchange = ? ` +
    "and timestamp >= ? and timestamp < ? order by timestamp limit ?";
}

/** Jumps from one exchange to the next in the index, instead of reading all rows for their names. */
function exchanges(table: string): string {
  return `with recursive found (exchange) as (
      select min(exchange) from ${table} where mode = ?1 and pair_name = ?2
      union all
      select (select min(exchange) from ${table} where mode = ?1 and pair_name = ?2 and exchange > found.exchange)
      from found where found.exchange is not null
    ) select exchange from found where exchange is not null`;
}

/** Within a transaction: the minutes, then the hours and days that they lie in, from what is there now. */
export function writeMinutes(database: Database, minutes: readonly Bar[]): void {
  const best = bestOfEach(minutes);
  const insert = database.prepare(upsert("minutes", knowsAsMuch("excluded", "old")));
  for (const bar of best) insert.run(...barValues(bar));
  rollUp(database, best, HOUR_MS, MINUTE_MS, "minutes", "hours");
  rollUp(database, best, DAY_MS, HOUR_MS, "hours", "days");
}

function rollUp(
  database: Database,
  bars: readonly Bar[],
  lengthMs: number,
  partMs: number,
  from: string,
  to: string,
): void {
  const insert = database.prepare(upsert(to));
  const parts = database.prepare(range(from));
  for (const { mode, symbol, exchange, begin } of intervalsOf(bars, lengthMs)) {
    const rows = parts.all(mode, symbol, exchange, begin, begin + lengthMs, -1) as unknown as BarRow[];
    const whole = wholeOf(rows.map(toBar), begin, lengthMs, rows.length * partMs);
    if (whole !== undefined) insert.run(...barValues(whole));
  }
}

export function exchangesOf(database: Database, table: string, query: Omit<BarsQuery, "interval">): string[] {
  if (query.exchange !== undefined) return [query.exchange];
  const rows = database.prepare(exchanges(table)).all(query.mode, query.symbol) as { exchange: string }[];
  return rows.map(({ exchange }) => exchange);
}

/** The next page of bars. */
export function barsStep(database: Database, query: BarsQuery): Step<Bar, BarsQuery> {
  const table = TABLES[query.interval];
  const names = exchangesOf(database, table, query);
  const limit = reachOf(names.length);
  const select = database.prepare(range(table));
  const series = names.map((exchange) => {
    const { mode, symbol, from, to } = query;
    return (select.all(mode, symbol, exchange, from, to, limit) as unknown as BarRow[]).map(toBar);
  });
  const { bars, next } = inOrder(series, limit, INTERVALS[query.interval]);
  return { rows: bars, rest: next === undefined ? undefined : { ...query, from: next } };
}

/** Complete where every part is and nothing is between them, whatever rounding left of the time that they were fresh. */
function wholeOf(bars: readonly Bar[], from: number, lengthMs: number, coveredMs: number): Bar | undefined {
  const whole = combine(bars, from, lengthMs);
  return whole && { ...whole, complete: coveredMs >= lengthMs && bars.every(({ complete }) => complete) };
}
