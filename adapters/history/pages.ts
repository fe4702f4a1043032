/**
 * How bars of several exchanges are read in the order of time without an index in that order: every exchange gives its
 * next rows by its own key, and what lies before the shortest reach is complete.
 */
import type { Bar } from "../../core/domain/bar.ts";

/** Rows of a page, about. */
export const PAGE_ROWS = 1_000;

/** How many rows of each exchange a page asks for. */
export function reachOf(exchanges: number): number {
  return Math.max(10, Math.ceil(PAGE_ROWS / Math.max(1, exchanges)));
}

/**
 * The bars up to the end of the shortest reach, in the order of timestamp, then exchange, and where to go on; undefined
 * where all that there is was read. `series` has up to `limit` bars of each exchange, in the order of time.
 */
export function inOrder(
  series: readonly Bar[][],
  limit: number,
  lengthMs: number,
): { bars: Bar[]; next: number | undefined } {
  const reaches = series.filter((bars) => bars.length >= limit).map((bars) => bars.at(-1)!.timestamp);
  const end = Math.min(...reaches);
  const bars = series.flat().filter(({ timestamp }) => timestamp <= end).sort(byTimeAndExchange);
  return { bars, next: reaches.length === 0 ? undefined : end + lengthMs };
}

function byTimeAndExchange(a: Bar, b: Bar): number {
  return a.timestamp - b.timestamp || (a.exchange < b.exchange ? -1 : a.exchange > b.exchange ? 1 : 0);
}
