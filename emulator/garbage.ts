/** Frames that are wrong in the ways that happen: cut, not a number, of other types, of another protocol. */
import { keyOf, uniform } from "../adapters/venues/synthetic/noise.ts";

/** Bytes that mean nothing; the same for a seed. */
export function junk(seed: number, length = 64): Uint8Array {
  const key = keyOf(seed, "junk");
  return new Uint8Array(length).map((_, at) => Math.floor(uniform(key, at) * 256));
}

/** Malformed texts, those that look like `sample` (a good frame of the venue) first. */
export function garbageTexts(sample: string | undefined): string[] {
  return [
    ...(sample === undefined ? [] : spoiled(sample)),
    "",
    "null",
    "42",
    "[]",
    "{}",
    '"text"',
    "[".repeat(5000),
  ];
}

const NUMBER = /^-?\d+(\.\d+)?$/u;
/** Where venues keep a price or a size that is not text. */
const NUMBER_KEYS: ReadonlySet<string> = new Set(["price", "qty", "bid", "ask", "bid_qty", "ask_qty"]);

function spoiled(sample: string): string[] {
  const frame: unknown = JSON.parse(sample);
  // A replacement is looked into again: it must hold neither a number nor a list.
  const numbersAs = (replacement: unknown) =>
    JSON.stringify(frame, (key, value) => {
      const isNumber = typeof value === "string" ? NUMBER.test(value) : NUMBER_KEYS.has(key);
      return isNumber ? replacement : value;
    });
  const listsAs = (replacement: unknown) =>
    JSON.stringify(frame, (_, value) => Array.isArray(value) ? replacement : value);
  return [
    sample.slice(0, Math.floor(sample.length / 2)),
    numbersAs("NaN"),
    numbersAs("-1"),
    numbersAs("1e999"),
    numbersAs({ text: true }),
    numbersAs(null),
    listsAs("list"),
    listsAs({}),
  ];
}
