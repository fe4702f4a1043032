/** What SQLite says, as `HistoryError` in plain words. */
import { HistoryError } from "../../core/ports/history.ts";

/** Primary result codes (https://sqlite.org/rescode.html). */
const BUSY = 5;
const READONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/**
 * Statements that are run as text say only the message, no code; so both are looked at. What passes by itself (a lock) or
 * was never there yet (tables) is `unreachable`, the rest `refused`.
 */
export function asHistoryError(error: unknown, file: string): HistoryError {
  if (error instanceof HistoryError) return error;
  const { errcode, message } = error as Error & { errcode?: number };
  const code = (errcode ?? 0) & 0xff;
  const is = (one: number, words: RegExp) => code === one || (errcode === undefined && words.test(message));
  const because = (kind: HistoryError["kind"], what: string) =>
    new HistoryError(kind, `History in ${file} ${what}`, { cause: error });
  if (is(BUSY, /database is locked|table is locked/)) {
    return because("unreachable", "is locked by another program: stop that, or give each a file of its own");
  }
  if (/no such table|no such column/.test(message)) {
    return because("unreachable", "is not ready: it has no tables yet");
  }
  if (is(FULL, /database or disk is full/)) {
    return because("refused", "cannot grow, the disk is full: make room");
  }
  if (is(READONLY, /readonly database/)) {
    return because("refused", "is read-only: give this program the right to write the file and its folder");
  }
  if (is(CORRUPT, /malformed/) || is(NOT_A_DATABASE, /not a database/)) {
    return because(
      "refused",
      "is damaged or no SQLite database: restore it from a backup, or move it away to begin anew",
    );
  }
  if (is(CANNOT_OPEN, /unable to open|write access|read access|Permission denied|os error 13/i)) {
    return because(
      "refused",
      `cannot be opened (${message}): give this program the right to read and write there`,
    );
  }
  if (is(IO, /disk I\/O error/)) {
    return because("unreachable", "cannot be read or written (I/O error): look at the disk");
  }
  return because("refused", `failed: ${message}`);
}
