/**
 * What the market did, kept: bars and finished episodes, and raw quotes where that is asked for. PostgreSQL and SQLite
 * implement it; one contract test holds for both (tests/history).
 *
 * Methods throw `HistoryError`. Times are ms since the epoch; ranges include `from` and exclude `to`.
 */
import type { Bar, StoredInterval } from "../domain/bar.ts";
import type { Episode } from "../domain/episode.ts";
import type { Mode } from "../domain/mode.ts";
import type { CloseReason } from "../domain/opportunity.ts";

/** Why the history could not do what it was asked. */
export class HistoryError extends Error {
  override name = "HistoryError";
  /**
   * `unreachable`: nothing answers, or not in time; the same may work later. `refused`: it answers and will not, for
   * example because its schema is newer than this program.
   */
  readonly kind: "unreachable" | "refused";

  constructor(kind: HistoryError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What is written in one transaction. Writing the same again changes nothing. */
export interface HistoryBatch {
  /**
   * Of one minute each. Key: mode, exchange, symbol, timestamp. Of two with the same key the one that knows more stays: a
   * complete one, else the one of more ticks, else of more time; of equal ones the later.
   */
  minutes: readonly Bar[];
  /** Key: id. Of two the later stays. */
  episodes: readonly Episode[];
}

/** Raw ticks as the channel brought them: `Row.WORDS` numbers each (core/app/channel.ts). Written once, without a key. */
export interface QuoteRows {
  mode: Mode;
  /** What the cells of the rows mean: cell = exchange id × symbols + symbol id. */
  exchanges: readonly string[];
  symbols: readonly string[];
  rows: Float64Array;
}

export interface BarsQuery {
  mode: Mode;
  symbol: string;
  /** Undefined: every exchange. */
  exchange?: string;
  interval: StoredInterval;
  from: number;
  to: number;
}

export interface EpisodesQuery {
  mode: Mode;
  symbol?: string;
  /** On either leg. */
  exchange?: string;
  reason?: CloseReason;
  /** Least net edge at the peak. */
  minNetBps?: number;
  /** By closing time. */
  from?: number;
  to?: number;
  /** Only what follows this one in the order; the `end.time` and `id` of the last one that was seen. */
  after?: { closedAt: number; id: string };
  /** At most so many. */
  limit?: number;
}

/** How long each kind is kept, in ms. */
export interface Retention {
  minutes: number;
  quotes: number;
  episodes: number;
}

export interface History {
  /**
   * Brings the schema up to date, under a lock; forward only. Throws `refused` where the schema is newer than this
   * program knows. Has to be called before anything is written.
   */
  migrate(): Promise<void>;
  /** Also brings the hour and day bars of these minutes up to date, in the same transaction. */
  write(batch: HistoryBatch): Promise<void>;
  writeQuotes(rows: QuoteRows): Promise<void>;
  /** In the order of timestamp, then exchange; in pages of bounded size. */
  bars(query: BarsQuery): AsyncIterable<Bar[]>;
  /** Latest closed first, of equal ones by id from high to low; in pages of bounded size. */
  episodes(query: EpisodesQuery): AsyncIterable<Episode[]>;
  /** Deletes what is older than its retention, in small steps. Hour and day bars stay. */
  removeOld(
    retention: Retention,
    now: number,
  ): Promise<{ minutes: number; quotes: number; episodes: number }>;
  close(): Promise<void>;
}

/** What those need who only ask. */
export type HistoryReader = Pick<History, "bars" | "episodes" | "close">;
