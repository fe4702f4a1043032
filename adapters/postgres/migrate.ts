/** Brings a PostgreSQL database up to date. */
import { pendingMigrations } from "../history/migrations.ts";
import { nameOf } from "./address.ts";
import type { Connections } from "./connections.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Others that migrate at the same time are waited for so long. */
const WITHIN_MS = 60_000;
/** Locks of this program, by what they are for; any numbers that nobody else takes. */
export const LOCKS = { migration: "7305171, 1", partitions: "7305171, 2" } as const;

/**
 * All in one transaction under a lock that ends with it (one of the session would be lost behind a pooler): of two programs
 * that start at once the second finds nothing to do.
 */
export function migrate(connections: Connections): Promise<void> {
  return connections.run(async (transaction) => {
    await transaction.query(`select pg_advisory_xact_lock(${LOCKS.migration})`);
    const [found] = await transaction.query<{ table: string | null }>(
      `select to_regclass('schema_migrations')::text as table`,
    );
    if (found!.table === null) {
      await transaction.query(
        "create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null)",
      );
    }
    const [last] = await transaction.query<{ applied: number }>(
      "select coalesce(max(version), 0)::int as applied from schema_migrations",
    );
    const { database } = connections.address;
    const where = `database ${database} at ${nameOf(connections.address)}`;
    for (const { version, name, sql } of pendingMigrations(MIGRATIONS, last!.applied, where)) {
      await transaction.query(sql);
      await transaction.query("insert into schema_migrations values ($1::int, $2, now())", [version, name]);
    }
  }, { withinMs: WITHIN_MS });
}
