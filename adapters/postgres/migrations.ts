/** All migrations, in order. Imported, so that a compiled program has them, too. */
import type { Migration } from "../history/migrations.ts";
import history from "./migrations/0001_history.sql" with { type: "text" };
import episodeCosts from "./migrations/0002_episode_costs.sql" with { type: "text" };

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "history", sql: history },
  { version: 2, name: "episode_costs", sql: episodeCosts },
];
