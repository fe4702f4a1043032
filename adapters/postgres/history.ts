/**
 * The history in PostgreSQL. Every call has a deadline, after which it rejects with `unreachable`, whatever the server does;
 * then it may have been done or not, and is to be repeated (`write`) or left (`writeQuotes`). A reader that comes before the
 * first migration gets `unreachable`.
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
import { HistoryError } from "../../core/ports/history.ts";
import { named } from "../history/columns.ts";
import { PAGE_ROWS } from "../history/pages.ts";
import { QUOTE_COLUMNS } from "../history/quotes.ts";
import type { Address } from "./address.ts";
import { barsPage, exchangesOf, writeMinutes } from "./bars.ts";
import { Connections } from "./connections.ts";
import { CopyRows } from "./copy_rows.ts";
import { episodesPage, writeEpisodes } from "./episodes.ts";
import { migrate } from "./migrate.ts";
import { Partitions } from "./partitions.ts";
import { removeOld } from "./retention.ts";

const WITHIN_MS = 10_000;
/** More for each record of a batch, so that one which a slow server takes long for is not tried for ever. */
const WITHIN_MS_PER_RECORD = 4;
const COPY = `copy quotes (${QUOTE_COLUMNS.join(", ")}) from stdin with (format binary)`;
/** A partition is missing. */
const CHECK_VIOLATION = "23514";

export class PostgresHistory implements History {
  readonly #connections: Connections;
  readonly #partitions: Partitions;
  readonly #withinMs: number;
  /** The one that no call is using. */
  #encoder: CopyRows | undefined;

  /** Connects when it is first used. `withinMs`: how long a call may take. */
  constructor(address: Address, { withinMs = WITHIN_MS }: { withinMs?: number } = {}) {
    this.#withinMs = withinMs;
    this.#connections = new Connections(address, withinMs);
    this.#partitions = new Partitions(this.#connections);
  }

  migrate(): Promise<void> {
    return migrate(this.#connections);
  }

  write({ minutes, episodes }: HistoryBatch): Promise<void> {
    const withinMs = this.#withinMs + WITHIN_MS_PER_RECORD * (minutes.length + episodes.length);
    return this.#connections.run(async (transaction) => {
      await writeMinutes(transaction, minutes);
      await writeEpisodes(transaction, episodes);
    }, { withinMs });
  }

  async writeQuotes(rows: QuoteRows): Promise<void> {
    if (rows.rows.length === 0) return;
    await this.#partitions.prepare(rows);
    try {
      await this.#copy(rows);
    } catch (error) {
      if (!isMissingPartition(error)) throw error;
      this.#partitions.forget();
      await this.#partitions.prepare(rows);
      await this.#copy(rows);
    }
  }

  async #copy(rows: QuoteRows): Promise<void> {
    const encoder = this.#encoder ?? new CopyRows();
    this.#encoder = undefined;
    try {
      await this.#connections.run((transaction) => transaction.copy(COPY, encoder.chunks(rows)));
    } finally {
      this.#encoder = encoder;
    }
  }

  async *bars(query: BarsQuery): AsyncGenerator<Bar[]> {
    const of = named(query);
    let exchanges: string[] | undefined;
    for (let from: number | undefined = query.from; from !== undefined;) {
      const page = await this.#connections.run(async (transaction) => {
        exchanges ??= await exchangesOf(transaction, query.interval, of);
        return await barsPage(transaction, of, exchanges, from!);
      }, { readOnly: true });
      if (page.bars.length > 0) yield page.bars;
      from = page.next;
    }
  }

  async *episodes(query: EpisodesQuery): AsyncGenerator<Episode[]> {
    for (let { after, limit: left = Infinity } = query;;) {
      const count = Math.min(PAGE_ROWS, left);
      const of = after === undefined ? query : { ...query, after };
      const page = await this.#connections.run((transaction) => episodesPage(transaction, of, count), {
        readOnly: true,
      });
      if (page.length > 0) yield page;
      left -= page.length;
      if (page.length < count || left === 0) return;
      const last = page.at(-1)!;
      after = { closedAt: last.end.time, id: last.id };
    }
  }

  removeOld(
    retention: Retention,
    now: number,
  ): Promise<{ minutes: number; quotes: number; episodes: number }> {
    return removeOld(this.#connections, this.#partitions, retention, now);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}

function isMissingPartition(error: unknown): boolean {
  return error instanceof HistoryError &&
    (error.cause as { code?: string } | undefined)?.code === CHECK_VIOLATION;
}
