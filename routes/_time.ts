/** Moments and lengths of time in parameters. */
import { parsePeriod } from "../core/domain/period.ts";

/** Begin of the year 10000: databases and ISO 8601 agree up to there. */
const END_MS = 253_402_300_800_000;

export const MOMENT = "Use milliseconds since the epoch or ISO 8601, for example 2026-01-31T12:00:00Z";

/**
 * Milliseconds since the epoch of `1790000000000`, `2026-01-31`, `2026-01-31T12:00`, `…Z` or `…+02:00`; UTC where it has
 * no offset. Undefined for anything else, days that do not exist and years beyond 9999.
 */
export function parseMoment(text: string): number | undefined {
  const trimmed = text.trim();
  const ms = /^\d{1,15}$/u.test(trimmed) ? Number(trimmed) : isoMs(trimmed);
  return ms !== undefined && ms >= 0 && ms < END_MS ? ms : undefined;
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)(Z|[-+ ]\d\d(?::?\d\d)?)?)?$/iu;

function isoMs(text: string): number | undefined {
  const [, day, time = "00:00", offset = "Z"] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  try {
    // A plus sign that was not escaped arrives as a space.
    return Temporal.Instant.from(`${day}T${time}${offset.replace(" ", "+")}`).epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** Those that a page offers; any other length works too. */
const PERIODS = ["1s", "3s", "5s", "10s", "30s", "1m", "3m", "5m"];
export const DEFAULT_PERIOD = "1m";
/** For programs: what may stand in `period`. */
export const ALLOWED_PERIODS = [...PERIODS, "<n>s", "<n>m", "<n>h", "<n>d"];

/** What is said of a period that is none, or longer than `longestMs`. */
export function periodHelp(longestMs: number): string {
  return `Use ${PERIODS.join(", ")}, or any whole number of s, m, h or d, up to ${periodText(longestMs)}`;
}

/** Milliseconds, or undefined where it is no period or too long. */
export function readPeriod(text: string, longestMs: number): number | undefined {
  const periodMs = parsePeriod(text);
  return periodMs !== undefined && periodMs <= longestMs ? periodMs : undefined;
}

/** `90d` of 7,776,000,000: in the largest unit that it is a whole number of. */
export function periodText(ms: number): string {
  for (const [unit, length] of [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000]] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${Math.floor(ms / 1000)}s`;
}
