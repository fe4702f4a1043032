/**
 * OKX's checksum, live until June 2026 and 0 since: a signed CRC32 over the best 25 levels of both sides in turns,
 * `bidPrice:bidSize:askPrice:askSize:…`, in the venue's own text; where one side ends the other goes on alone.
 */
import { Crc32 } from "../_base/crc32.ts";
import type { Level } from "../_base/venue.ts";

const LEVELS = 25;

export function checksum(bids: readonly Level[], asks: readonly Level[]): number {
  const crc = new Crc32();
  let separator = "";
  for (let i = 0; i < LEVELS; i++) {
    for (const level of [bids[i], asks[i]]) {
      if (level === undefined) continue;
      crc.add(`${separator}${level[0]}:${level[1]}`);
      separator = ":";
    }
  }
  return crc.value;
}
