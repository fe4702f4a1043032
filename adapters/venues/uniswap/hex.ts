/**
 * Values as nodes write them: hex in any case. Every helper answers with the value or undefined, none throws.
 */
const QUANTITY = /^0x[0-9a-f]+$/i;
const BYTES = /^0x(?:[0-9a-f]{2})*$/i;

/** A number of zero or more that a double holds exactly, as `0x1b4`; also plain, as some providers write it. */
export function quantityOf(value: unknown): number | undefined {
  const number = typeof value === "string" && QUANTITY.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? number as number : undefined;
}

/** Bytes as lower-case hex with `0x`; exactly `length` of them, where that is given. */
export function bytesOf(value: unknown, length?: number): string | undefined {
  if (typeof value !== "string" || !BYTES.test(value)) return undefined;
  return length === undefined || value.length === 2 + 2 * length ? value.toLowerCase() : undefined;
}

export const hashOf = (value: unknown): string | undefined => bytesOf(value, 32);
export const addressOf = (value: unknown): string | undefined => bytesOf(value, 20);
