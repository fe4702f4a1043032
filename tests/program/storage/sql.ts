/** One way to ask both databases: plain SQL, times as numbers of milliseconds. */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";

export type SqlRow = Record<string, unknown>;

export class Sql implements AsyncDisposable {
  readonly #ask: (text: string) => Promise<SqlRow[]>;
  readonly #end: () => Promise<void>;
  /** A column of time as ms since the epoch. */
  readonly ms: (column: string) => string;

  private constructor(
    ask: (text: string) => Promise<SqlRow[]>,
    end: () => Promise<void>,
    ms: (column: string) => string,
  ) {
    this.#ask = ask;
    this.#end = end;
    this.ms = ms;
  }

  static postgres(url: string): Sql {
    const client = postgres(url, { max: 1, onnotice: () => {} });
    const ask = async (text: string) => [...await client.unsafe(text)];
    const end = () => client.end({ timeout: 5 });
    // As numeric, so that the microseconds are exact.
    return new Sql(ask, end, (column) => `(extract(epoch from ${column}) * 1000)::double precision`);
  }

  static sqlite(file: string): Sql {
    const database = new DatabaseSync(file, { timeout: 10_000 });
    const ask = (text: string) => Promise.resolve(database.prepare(text).all() as SqlRow[]);
    const end = () => Promise.resolve(database.close());
    return new Sql(ask, end, (column) => column);
  }

  rows<T>(text: string): Promise<T[]> {
    return this.#ask(text) as Promise<T[]>;
  }

  /** The only value of the only row. */
  async value(text: string): Promise<number> {
    const [row] = await this.#ask(text);
    return Number(Object.values(row ?? {})[0]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** A row of `minutes` or `hours`: times in ms, counts as numbers. */
export interface BarRow {
  exchange: string;
  pair_name: string;
  timestamp: number;
  average_price: number;
  time_weighted_price: number;
  min_price: number;
  max_price: number;
  first_price: number;
  last_price: number;
  samples: number;
  fresh_ms: number;
  complete: boolean;
}

/** All rows of `minutes`, `hours` or `days`, in the order of time. */
export async function bars(sql: Sql, table: "minutes" | "hours" | "days"): Promise<BarRow[]> {
  const rows = await sql.rows<BarRow>(
    `select exchange, pair_name, ${sql.ms("timestamp")} as timestamp, average_price, time_weighted_price,
      min_price, max_price, first_price, last_price, samples, fresh_ms, complete
    from ${table} order by timestamp, exchange, pair_name`,
  );
  return rows.map((row) => ({ ...row, samples: Number(row.samples), complete: Boolean(row.complete) }));
}
