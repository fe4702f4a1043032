/**
 * Times as they are kept: to the microsecond, which is what PostgreSQL keeps and what a number of milliseconds since the
 * epoch can tell apart. SQLite keeps the same, so that both give back the same.
 */
export function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Begin of the interval that a time lies in. */
export function floorTo(lengthMs: number, time: number): number {
  return Math.floor(time / lengthMs) * lengthMs;
}
