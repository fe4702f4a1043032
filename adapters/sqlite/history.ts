/**
 * The history in a SQLite file, for those who have no PostgreSQL. Reads and writes happen on the thread that asks for
 * them; a program that must not wait for the disk opens it in a worker to write, and once more to read. A reader that comes
 * before the first migration gets `unreachable`.
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
import { PAGE_ROWS } from "../history/pages.ts";
import { barsPage, writeMinutes } from "./bars.ts";
import { Database } from "./database.ts";
import { episodesPage, writeEpisodes } from "./episodes.ts";
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

  async *bars(query: BarsQuery): AsyncGenerator<Bar[]> {
    const of = named(query);
    for (let from: number | undefined = query.from; from !== undefined;) {
      const page = this.#database.read(() => barsPage(this.#database, of, from!));
      if (page.bars.length > 0) yield page.bars;
      from = page.next;
      await turn();
    }
  }

  async *episodes(query: EpisodesQuery): AsyncGenerator<Episode[]> {
    for (let { after, limit: left = Infinity } = query;;) {
      const count = Math.min(PAGE_ROWS, left);
      const page = this.#database.read(() =>
        episodesPage(this.#database, after === undefined ? query : { ...query, after }, count)
      );
      if (page.length > 0) yield page;
      left -= page.length;
      if (page.length < count || left === 0) return;
      const last = page.at(-1)!;
      after = { closedAt: last.end.time, id: last.id };
      await turn();
    }
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

/** Lets other work of this thread have its turn between two pages. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
