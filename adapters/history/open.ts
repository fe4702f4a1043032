/** Opens the history that an address of the settings names. */
import { isAbsolute, join } from "node:path";
import type { History, HistoryReader } from "../../core/ports/history.ts";
import { parseAddress } from "../postgres/address.ts";
import { PostgresHistory } from "../postgres/history.ts";
import { SqliteHistory } from "../sqlite/history.ts";
import { historyKind, redact } from "./url.ts";
import { type ReaderOptions, WorkerReader } from "./reader.ts";

export interface HistoryOptions {
  /** Folder that relative files are in. */
  dataDir: string;
  /** How long a call may take, ms; PostgreSQL only. */
  withinMs?: number;
}

/**
 * `postgres://user:password@host:port/database?sslmode=…` or `sqlite:FILE`, where a relative FILE is in `dataDir`.
 * Connects and opens nothing yet, so what cannot be reached shows in the first call. Throws an Error for an address that
 * can never be one.
 */
export function openHistory(url: string, { dataDir, ...options }: HistoryOptions): History {
  switch (historyKind(url)) {
    case "postgres":
      return new PostgresHistory(parseAddress(url), options);
    case "sqlite":
      return new SqliteHistory(fileOf(url, dataDir));
    default:
      throw unknown(url);
  }
}

/**
 * The same, for those who only ask. No answer is worked out on this thread: that of a SQLite file comes from a worker, which
 * runs until `close`.
 */
export function openReading(
  url: string,
  { dataDir, ...options }: Pick<HistoryOptions, "dataDir"> & ReaderOptions,
): HistoryReader {
  switch (historyKind(url)) {
    case "postgres": {
      const { withinMs } = options;
      return new PostgresHistory(parseAddress(url), withinMs === undefined ? {} : { withinMs });
    }
    case "sqlite":
      return new WorkerReader(fileOf(url, dataDir), options);
    default:
      throw unknown(url);
  }
}

function fileOf(url: string, dataDir: string): string {
  const file = url.slice("sqlite:".length);
  return isAbsolute(file) ? file : join(dataDir, file);
}

function unknown(url: string): Error {
  return new Error(`No history has the address ${redact(url)}: write postgres://… or sqlite:FILE`);
}
