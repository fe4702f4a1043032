/** The contract of the port `History`: what its comments say, for every implementation alike. */
import type { Migration } from "../../adapters/history/migrations.ts";
import type { History } from "../../core/ports/history.ts";
import { barTests } from "./contract/bars.ts";
import { costTests } from "./contract/costs.ts";
import { episodeTests } from "./contract/episodes.ts";
import { upkeepTests } from "./contract/upkeep.ts";

export interface Fresh extends AsyncDisposable {
  /** Opens the same empty database as often as it is called; closed in the end. */
  open(): History;
  /** Rows of a query in plain SQL, by another client than the one under test. */
  sql(query: string): Promise<Record<string, unknown>[]>;
  /** Runs a statement. */
  run(statement: string): Promise<void>;
  /** Expression for a time column in ms. */
  ms(column: string): string;
  /** Value for a time column, of ms since the epoch. */
  at(ms: number): string;
  migrations: readonly Migration[];
}

/** A test over a database of its own, migrated. */
export type Test = (title: string, body: (history: History, database: Fresh) => Promise<void>) => void;

export function contract(name: string, fresh: () => Promise<Fresh>, ignore: boolean): void {
  const test: Test = (title, body) =>
    Deno.test({
      name: `History in ${name}: ${title}`,
      ignore,
      async fn() {
        await using database = await fresh();
        const history = database.open();
        await history.migrate();
        await body(history, database);
      },
    });

  barTests(test);
  episodeTests(test);
  costTests(test);
  upkeepTests(test);
}
