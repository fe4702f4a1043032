/**
 * Kraken's checksum, the only proof of integrity that its books have: an unsigned CRC32 over the best ten asks,
 * lowest first, then the best ten bids, highest first; of each level price and size, without the dot and without
 * leading zeros. Trailing zeros count, so the text must be the venue's own.
 * Rule: https://docs.kraken.com/api/docs/guides/spot-ws-book-v2/
 */
import { Crc32 } from "../_base/crc32.ts";
import type { Level } from "../_base/venue.ts";

const LEVELS = 10;

export function checksum(bids: readonly Level[], asks: readonly Level[]): number {
  const crc = new Crc32();
  for (const side of [asks, bids]) {
    for (let i = 0; i < LEVELS && i < side.length; i++) {
      crc.addDigits(side[i]![0]);
      crc.addDigits(side[i]![1]);
    }
  }
  return crc.value >>> 0;
}
