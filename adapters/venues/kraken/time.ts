/** Kraken's times: RFC 3339 in UTC with up to nanoseconds. */

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/;

/** Milliseconds since the epoch with microseconds as fraction; null where it is no such time, or before 1971. */
export function timeOf(value: unknown): number | null {
  const parts = typeof value === "string" ? TIME.exec(value) : null;
  if (parts === null) return null;
  const second = Date.parse(`${parts[1]}Z`);
  // An empty market carries a time of 1970.
  if (!(second > 31_536_000_000)) return null;
  return second + Number(parts[2] ?? 0) * 1000;
}
