/** Reads a SQLite file, and nothing else: makes none, writes no records, and waits for nobody. */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import { named } from "../history/columns.ts";
import type { Question, Step } from "../history/steps.ts";
import type { BarsQuery, EpisodesQuery } from "../../core/ports/history.ts";
import { barsStep } from "./bars.ts";
import { Database } from "./database.ts";
import { episodesStep } from "./episodes.ts";

export type Answer = Step<Bar, BarsQuery> | Step<Episode, EpisodesQuery>;

export class SqliteReading {
  readonly #database: Database;

  /** Opens nothing yet. */
  constructor(file: string) {
    this.#database = new Database(file, { readOnly: true });
  }

  /** Takes milliseconds, on this thread. Throws `HistoryError`. */
  answer({ kind, query }: Question): Answer {
    return this.#database.read((): Answer =>
      kind === "bars" ? barsStep(this.#database, named(query)) : episodesStep(this.#database, query)
    );
  }

  close(): void {
    this.#database.close();
  }
}
