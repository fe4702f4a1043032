/** Lengths of time as people write them: a whole number and `s`, `m`, `h` or `d`. */

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of `90s`, `15m`, `6h`, `30d`; undefined for anything else, and for nothing at all (`0s`).
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { parsePeriod } from "./period.ts";
 *
 * assert.equal(parsePeriod("90s"), 90_000);
 * assert.equal(parsePeriod("1.5h"), undefined);
 * ```
 */
export function parsePeriod(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/u.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
