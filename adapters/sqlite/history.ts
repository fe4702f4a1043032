/**
 * The history in a SQLite file, for those who have no PostgreSQL. Reads and writes happen on the thread that asks for
 * them; a program that must not wait for the disk has a worker write, and another one read (adapters/history/reader.ts).
 * A reader that comes before the first migration gets `unreachable`.
 */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type {
  BarsQuery,
  EpisodesQuery,
  History,
  HistoryBatch,
  QuoteRows,
  Retention,
} from "../../core/ports/history.ts";
import { named } from "../history/columns.ts";
import { pagesOf } from "../history/steps.ts";
import { barsStep, writeMinutes } from "./bars.ts";
import { Database } from "./database.ts";
import { episodesStep, writeEpisodes } from "./episodes.ts";
import { migrate } from "./migrate.ts";
import { writeQuotes } from "./quotes.ts";
import { removeOld } from "./retention.ts";

export class SqliteHistory implements History {
  readonly #database: Database;
  readonly #now: () => number;

  /** Opens nothing yet. `now` dates the migrations. */
  constructor(file: string, now: () => number = Date.now) {
    this.#database = new Database(file);
    this.#now = now;
  }

  // deno-lint-ignore require-await -- a failure has to be a rejected promise
  async migrate(): Promise<void> {
    migrate(this.#database, this.#now);
  }

  // deno-lint-ignore require-await
  async write({ minutes, episodes }: HistoryBatch): Promise<void> {
    this.#database.write(() => {
      writeMinutes(this.#database, minutes);
      writeEpisodes(this.#database, episodes);
    });
  }

  // deno-lint-ignore require-await
  async writeQuotes(rows: QuoteRows): Promise<void> {
    this.#database.write(() => writeQuotes(this.#database, rows));
  }

  bars(query: BarsQuery): AsyncIterable<Bar[]> {
    return pagesOf(named(query), async (rest) => {
      await turn();
      return this.#database.read(() => barsStep(this.#database, rest));
    });
  }

  episodes(query: EpisodesQuery): AsyncIterable<Episode[]> {
    return pagesOf(query, async (rest) => {
      await turn();
      return this.#database.read(() => episodesStep(this.#database, rest));
    });
  }

  removeOld(
    retention: Retention,
    now: number,
  ): Promise<{ minutes: number; quotes: number; episodes: number }> {
    return removeOld(this.#database, retention, now, turn);
  }

  // deno-lint-ignore require-await
  async close(): Promise<void> {
    this.#database.close();
  }
}

/** Lets other work of this thread have its turn before each step. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
