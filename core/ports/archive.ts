/**
 * Where the core hands over what is to be kept. Nothing here waits: what is handed over is made durable in a local
 * outbox at once and goes on to the history from there, in order, however slow or long gone that is.
 */
import type { Bar } from "../domain/bar.ts";
import type { Episode } from "../domain/episode.ts";
import type { QuoteRows } from "./history.ts";

export interface Archive {
  /** To be kept for good. A bar replaces an earlier one of the same mode, exchange, symbol and minute that knows no more. */
  keep(records: { minutes?: readonly Bar[]; episodes?: readonly Episode[] }): void;
  /**
   * The minute that is still open, as far as it is known: replaces the checkpoint before. After a crash it becomes the
   * cut minute, marked as not complete.
   */
  checkpoint(minutes: readonly Bar[]): void;
  /** Raw ticks. Kept as far as the history keeps up; dropped and counted beyond. Takes the rows over. */
  quotes(rows: QuoteRows): void;
  status(): ArchiveStatus;
  /** Makes everything durable that was handed over, drains what it can within the time, and ends. */
  stop(withinMs: number): Promise<void>;
}

export interface ArchiveStatus {
  outbox: {
    state: "ok" | "failing";
    /** Records that are durable here and not yet in the history. */
    records: number;
    /** Handed over and not yet durable. */
    pending: number;
    /** Age of the oldest record that is not in the history yet; null where there is none. */
    lagMs: number | null;
    /** Records lost because a bound was reached. */
    dropped: number;
    /** Records that the history refused for their own sake. They are kept in the outbox, table `rejected`. */
    rejected: number;
    /** The last trouble in plain words; null where all is well. */
    error: string | null;
  };
  history: {
    kind: "postgres" | "sqlite";
    /** Without password. */
    url: string;
    state: "starting" | "ok" | "unreachable" | "refused";
    /** Records and raw quotes written since the start. */
    records: number;
    quotes: number;
    quotesDropped: number;
    /** The last removal of old data; null before the first. */
    cleanedAt: number | null;
    error: string | null;
  };
}
