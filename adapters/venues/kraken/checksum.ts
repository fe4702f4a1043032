/**
 * Kraken's checksum, the only proof of integrity that its books have: an unsigned CRC32 over the best ten asks,
 * lowest first, then the best ten bids, highest first; of each level price and size, without the dot and without
 * leading zeros. Trailing zeros count, so the text must be the venue's own.
 * Rule: https://docs.kraken.com/api/docs/guides/spot-ws-book-v2/
 */
import { crc32 } from "node:zlib";
import type { Level } from "../_base/venue.ts";

const LEVELS = 10;

export function checksum(bids: readonly Level[], asks: readonly Level[]): number {
  return crc32(digits(asks) + digits(bids));
}

function digits(levels: readonly Level[]): string {
  let text = "";
  for (let i = 0; i < LEVELS && i < levels.length; i++) {
    const [price, size] = levels[i]!;
    text += bare(price) + bare(size);
  }
  return text;
}

/** `0.00044780` → `44780`. */
function bare(number: string): string {
  const text = number.replace(".", "");
  let zeros = 0;
  while (text.charCodeAt(zeros) === 48) zeros++;
  return text.slice(zeros);
}
