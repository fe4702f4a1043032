/**
 * Reading frames that may be anything. Every helper answers "is it what it should be" with a value; none throws, none
 * converts silently.
 */
import type { Level, VenueEvent } from "./venue.ts";

export type JsonObject = Record<string, unknown>;

/** The frame as a JSON object, or undefined where it is none. */
export function parseObject(frame: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const DECIMAL = /^\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** A number of zero or more in decimal text, as venues write prices and sizes. No sign, no hex, no blanks. */
export function isDecimal(value: unknown): value is string {
  return typeof value === "string" && DECIMAL.test(value);
}

/**
 * `[[price, size, …], …]` with decimal text, as levels; further elements are left alone. null is an empty side, as some
 * encoders write an empty list. Undefined where it is anything else. The array is not copied.
 */
export function levelsOf(value: unknown): readonly Level[] | undefined {
  if (value === null) return [];
  if (!Array.isArray(value)) return undefined;
  for (const level of value) {
    if (!Array.isArray(level) || !isDecimal(level[0]) || !isDecimal(level[1])) return undefined;
  }
  return value as unknown as readonly Level[];
}

/**
 * One side of a ticker. Without price or without size it is an empty side (null): what it was before is gone. Undefined
 * where it is not decimal text.
 */
export function sideOf(price: unknown, size: unknown): Level | null | undefined {
  if (price === null || price === "" || size === null || size === "") return null;
  return isDecimal(price) && isDecimal(size) ? [price, size] : undefined;
}

/** A name that may identify something. Undefined where it is empty or no text. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A sequence number or a time: a whole number that a double holds exactly, also as text. Undefined otherwise. */
export function wholeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? number as number : undefined;
}

/** An id that came back with an answer, as text; null where none came. */
export function requestIdOf(value: unknown): string | null {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" ? String(value) : null;
}

/** Reasons go to the log; what a venue writes into one is cut to this many characters. */
const MAX_REASON = 300;

/** The text of a venue's reason or code, or `otherwise`. Never throws, as `${value}` does for some objects. */
export function reasonOf(value: unknown, otherwise: string): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_REASON) : otherwise;
}

export function malformed(reason: string): VenueEvent {
  return { kind: "malformed", reason: reason.slice(0, MAX_REASON) };
}
