/**
 * OKX's checksum, live until June 2026 and 0 since: a signed CRC32 over the best 25 levels of both sides in turns,
 * `bidPrice:bidSize:askPrice:askSize:…`, in the venue's own text; where one side ends the other goes on alone.
 */
import { crc32 } from "node:zlib";
import type { Level } from "../_base/venue.ts";

const LEVELS = 25;

export function checksum(bids: readonly Level[], asks: readonly Level[]): number {
  const parts: string[] = [];
  for (let i = 0; i < LEVELS; i++) {
    const bid = bids[i];
    const ask = asks[i];
    if (bid !== undefined) parts.push(bid[0], bid[1]);
    if (ask !== undefined) parts.push(ask[0], ask[1]);
  }
  return crc32(parts.join(":")) | 0;
}
