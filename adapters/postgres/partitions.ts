/** The partitions of `quotes`: one table a day (UTC), `quotes_20260731`, made before it is written to. */
import { Row } from "../../core/app/channel.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { offsetsOf } from "../history/quotes.ts";
import { DAY_MS, floorTo } from "../history/time.ts";
import type { Connections } from "./connections.ts";
import { LOCKS } from "./migrate.ts";

/** Dropping waits so long for those who use the table, and keeps others waiting meanwhile. */
const LOCK_MS = 2_000;
/** Looking at a sample of a large table takes a while on a slow disk. */
const DROP_WITHIN_MS = 60_000;

export class Partitions {
  readonly #connections: Connections;
  /** Begins of the days that have one. */
  readonly #made = new Set<number>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Makes what these rows need, and the next day's, so that midnight finds it there. */
  async prepare(quotes: QuoteRows): Promise<void> {
    const missing = new Set<number>();
    for (const at of offsetsOf(quotes)) {
      const day = floorTo(DAY_MS, quotes.rows[at + Row.receivedTime]!);
      if (!this.#made.has(day)) missing.add(day).add(day + DAY_MS);
    }
    if (missing.size === 0) return;
    // Made apart and attached then: the parent is locked against changes of its shape, not against reading and writing.
    await this.#connections.run(async (transaction) => {
      await transaction.query(`select pg_advisory_xact_lock(${LOCKS.partitions})`);
      for (const day of missing) {
        const name = nameOf(day);
        const [found] = await transaction.query(`select to_regclass('${name}')::text as name`);
        if (found!.name !== null) continue;
        const bound = (ms: number) => `'${new Date(ms).toISOString()}'`;
        await transaction.query(
          `create table ${name} (like quotes including all); ` +
            `alter table quotes attach partition ${name} for values from (${bound(day)}) to (${
              bound(day + DAY_MS)
            })`,
        );
      }
    });
    for (const day of missing) this.#made.add(day);
  }

  /** What was made may have been dropped by another program. */
  forget(): void {
    this.#made.clear();
  }

  /** Drops the days that ended at `before` or earlier. Returns how many rows went, above some 30,000 pages about. */
  async drop(before: number): Promise<number> {
    const names = await this.#connections.run(
      (transaction) =>
        transaction.query<{ name: string }>(
          `select child.relname as name from pg_inherits join pg_class as child on child.oid = inhrelid
          where inhparent = 'quotes'::regclass order by child.relname`,
        ),
    );
    let rows = 0;
    for (const { name } of names) {
      const day = dayOf(name);
      if (day === undefined || day + DAY_MS > before) continue;
      rows += await this.#connections.run(async (transaction) => {
        await transaction.query(`select pg_advisory_xact_lock(${LOCKS.partitions})`);
        const [found] = await transaction.query(`select to_regclass('${name}')::text as name`);
        if (found!.name === null) return 0;
        // Counting all rows could take minutes; this looks at a sample, which of a small table is all of it.
        await transaction.query(`analyze ${name}`);
        const [count] = await transaction.query<{ rows: number }>(
          `select reltuples::float8 as rows from pg_class where oid = '${name}'::regclass`,
        );
        await transaction.query(`set local lock_timeout = ${LOCK_MS}; drop table ${name}`);
        return count!.rows;
      }, { withinMs: DROP_WITHIN_MS });
      this.#made.delete(day);
    }
    return rows;
  }
}

function nameOf(day: number): string {
  return `quotes_${new Date(day).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

function dayOf(name: string): number | undefined {
  const [, year, month, date] = /^quotes_(\d{4,})(\d{2})(\d{2})$/.exec(name) ?? [];
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(date));
}
