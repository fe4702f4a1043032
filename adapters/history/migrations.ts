/** What brings a schema up to date: plain SQL files, applied in order, each once, never undone. */
import { HistoryError } from "../../core/ports/history.ts";

export interface Migration {
  /** 1, 2, 3 … */
  version: number;
  name: string;
  sql: string;
}

/**
 * Those that are still to be applied to a schema of version `applied` (0: none yet). Throws `refused` where the schema is
 * newer than the last of them: what this program would write might not fit it. `where` names the database.
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: number,
  where: string,
): Migration[] {
  if (applied > migrations.length) {
    throw new HistoryError(
      "refused",
      `Schema of ${where} is version ${applied}, this program knows 1 to ${migrations.length}: ` +
        "use a newer MarketFlow, or another database",
    );
  }
  return migrations.filter(({ version }) => version > applied);
}
