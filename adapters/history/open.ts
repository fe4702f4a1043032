/** Opens the history that an address of the settings names. */
import { isAbsolute, join } from "node:path";
import type { History } from "../../core/ports/history.ts";
import { parseAddress } from "../postgres/address.ts";
import { PostgresHistory } from "../postgres/history.ts";
import { SqliteHistory } from "../sqlite/history.ts";

export interface HistoryOptions {
  /** Folder that relative files are in. */
  dataDir: string;
  /** How long a call may take, ms; PostgreSQL only. */
  withinMs?: number;
}

/** What kind of history an address names; undefined for none that is known. */
export function historyKind(url: string): "postgres" | "sqlite" | undefined {
  if (/^postgres(?:ql)?:\/\//.test(url)) return "postgres";
  return /^sqlite:./.test(url) ? "sqlite" : undefined;
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
    case "sqlite": {
      const file = url.slice("sqlite:".length);
      return new SqliteHistory(isAbsolute(file) ? file : join(dataDir, file));
    }
    default:
      throw new Error(`No history has the address ${redact(url)}: write postgres://… or sqlite:FILE`);
  }
}

/** The address without its password, to be shown. */
export function redact(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?#@:]*):[^/?#]*@/i, "$1@").replace(/([?&]password=)[^&#]*/gi, "$1…");
}
