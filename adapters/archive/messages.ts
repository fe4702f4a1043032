/** What the archive and its worker say to each other. */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { ArchiveStatus } from "../../core/ports/archive.ts";
import type { QuoteRows, Retention } from "../../core/ports/history.ts";
import type { LogFields, LogLevel } from "../../core/ports/log.ts";

export interface ArchiveSettings {
  /** Folder of the outbox, and of an embedded history. */
  dataDir: string;
  history: {
    /** `postgres://…` or `sqlite:FILE`. */
    url: string;
    retention: Retention;
    /** Bound of the outbox. */
    maxRecords: number;
  };
}

/** What travels to the outbox in one piece and in one transaction. `id` grows by one. */
export type Parcel =
  | { id: number; kind: "keep"; minutes: readonly Bar[]; episodes: readonly Episode[] }
  | { id: number; kind: "checkpoint"; minutes: readonly Bar[] };

export type ToWorker =
  /** `resumed`: an earlier worker of this process had the outbox, so the open minutes in it are this process's own. */
  | { kind: "start"; settings: ArchiveSettings; resumed: boolean }
  | Parcel
  | { id: number; kind: "quotes"; rows: QuoteRows }
  | { kind: "stop"; withinMs: number };

/** How the worker stands. Counters are since its start. */
export interface Report {
  /** Parcels up to this id are kept: in the outbox, or in the history where the outbox cannot be written. */
  keptThrough: number;
  /** Raw quotes up to this id are written or dropped. */
  quotesThrough: number;
  outbox: Omit<ArchiveStatus["outbox"], "pending" | "lagMs"> & {
    /** When the oldest record came to be, ms since the epoch; null where there is none. */
    oldestTime: number | null;
    /** This worker has, or had, the outbox. */
    opened: boolean;
  };
  history: Omit<ArchiveStatus["history"], "kind" | "url">;
}

export type FromWorker =
  /** After the first report. `recovered`: the minute that is still running, as the process before left it. */
  | { kind: "ready"; recovered: Bar[] }
  /** The same, where the outbox could only be read later. */
  | { kind: "recovered"; bars: Bar[] }
  /** Sent on every change that counts and twice a second, so that it is a sign of life as well. */
  | { kind: "report"; report: Report }
  | { kind: "log"; level: LogLevel; message: string; fields: LogFields }
  /** The last message. `error` is undefined where the worker was asked to end. */
  | { kind: "ended"; error: string | undefined };

export const REPORT_EVERY_MS = 500;
