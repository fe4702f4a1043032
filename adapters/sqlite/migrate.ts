/** Brings a SQLite file up to date. */
import { pendingMigrations } from "../history/migrations.ts";
import type { Database } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";

/** All in one transaction, alone among writers: of two programs that start at once the second finds nothing to do. */
export function migrate(database: Database, now: () => number): void {
  database.write((open) => {
    open.exec(
      "create table if not exists schema_migrations " +
        "(version integer primary key, name text not null, applied_at real not null) strict",
    );
    const { applied } = open.prepare("select coalesce(max(version), 0) as applied from schema_migrations")
      .get() as {
        applied: number;
      };
    const insert = open.prepare("insert into schema_migrations values (?, ?, ?)");
    for (const { version, name, sql } of pendingMigrations(MIGRATIONS, applied, database.file)) {
      open.exec(sql);
      insert.run(version, name, now());
    }
  });
}
