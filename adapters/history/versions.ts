/**
 * Which of several versions of one minute stays: the one that knows most, whatever the order they arrive in. A later one is
 * not always better: a write that was given up may still be done by the server after its successor; a checkpoint in the
 * outbox may be older than what went past it; after a clock was set back a minute is lived twice.
 *
 * A complete minute knows all. Otherwise more ticks, then more time, tell more: versions of a minute that grows have at least
 * as much of both as those before. Of equal ones the later stays.
 */
import type { Bar } from "../../core/domain/bar.ts";
import { byKey, seriesOf } from "./columns.ts";

/** Compared in this order. */
const RANK = ["complete", "samples", "fresh_ms"];

/** The same in SQL: whether the row `next` knows as much as the row `before`. */
export function knowsAsMuch(next: string, before: string): string {
  const row = (of: string) => `(${RANK.map((column) => `${of}.${column}`).join(", ")})`;
  return `${row(next)} >= ${row(before)}`;
}

/** One version of each minute, in the order of the keys. */
export function bestOfEach(minutes: readonly Bar[]): Bar[] {
  const key = (bar: Bar) => `${seriesOf(bar)}\0${bar.timestamp}`;
  return byKey(minutes, key, (next, before) => compare(next, before) >= 0);
}

function compare(a: Bar, b: Bar): number {
  return Number(a.complete) - Number(b.complete) || a.samples - b.samples || a.freshMs - b.freshMs;
}
