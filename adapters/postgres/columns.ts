/** How columns stand in PostgreSQL's SQL: sent as arrays of text, given back in the units of the domain. */
import type { Kind, Value } from "../history/columns.ts";

type Columns = Readonly<Record<string, Kind>>;

/** The columns as they are read: times in ms, flags as 1 or 0, counts as numbers. */
export function selected(columns: Columns): string {
  const each = { text: (name: string) => name, number: asNumber, time: asMs, flag: asInteger };
  return Object.entries(columns).map(([name, kind]) => `${each[kind](name)} as ${name}`).join(", ");
}

const asNumber = (name: string) => `${name}::float8`;
const asMs = (name: string) => `(extract(epoch from ${name}) * 1000)::float8`;
const asInteger = (name: string) => `${name}::int`;

/** Rows as `select … from unnest(…)`, one array a column, so that any number of rows is one statement. */
export function unnested(columns: Columns): string {
  const values = { text: "$", number: "$", time: "to_timestamp($ / 1000)", flag: "$ = 1" };
  const names = Object.keys(columns);
  const list = Object.entries(columns).map(([name, kind]) => values[kind].replace("$", `given.${name}`));
  const arrays = Object.values(columns).map((kind, n) =>
    `$${n + 1}::${kind === "text" ? "text" : "float8"}[]`
  );
  return `select ${list.join(", ")} from unnest(${arrays.join(", ")}) as given (${names.join(", ")})`;
}

/** What `unnested` takes: one array literal a column. */
export function arraysOf(rows: readonly (readonly Value[])[], columns: number): string[] {
  return Array.from({ length: columns }, (_, column) => arrayOf(rows.map((row) => row[column]!)));
}

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export function arrayOf(values: readonly Value[]): string {
  const elements = values.map((value) => {
    if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
    return value === null || value === undefined ? "NULL" : String(value);
  });
  return `{${elements.join(",")}}`;
}

/**
 * Inserts, replaces what differs, and leaves alone what is the same, so that nothing is written for it. `condition`: what
 * else has to be true of the rows `excluded`, which is the new one, and `old` to replace it.
 */
export function upsert(
  table: string,
  columns: readonly string[],
  key: readonly string[],
  rows: string,
  condition = "true",
): string {
  const values = columns.filter((column) => !key.includes(column));
  const row = (of: string) => `(${values.map((column) => `${of}.${column}`).join(", ")})`;
  return `insert into ${table} as old (${columns.join(", ")}) ${rows} on conflict (${
    key.join(", ")
  }) do update ` +
    `set (${values.join(", ")}) = row${row("excluded")} where ${row("old")} is distinct from ${
      row("excluded")
    } and ${condition}`;
}
