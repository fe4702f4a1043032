/** A pair as the writer knows it: what waits to be written, and what stands in Redis. */
import type { Mode } from "../../core/domain/mode.ts";
import { Pair } from "../memory/pairs.ts";
import { priceKey, recentKey } from "./fields.ts";

/** It is not known what stands in Redis: nothing was written since the connection was made. */
export const UNKNOWN = -1;

export class RedisPair extends Pair {
  readonly key: string;
  readonly recentKey: string;
  /** Its latest quote, or that there is none any more, waits since `waitingSince`. */
  queued = false;
  waitingSince = 0;
  /** The same is on its way. */
  inFlight = false;
  /** Which fields the hash has, or `UNKNOWN`. */
  fields = UNKNOWN;
  /** When the time to live of the hash was set. */
  keptAt = -Infinity;
  /** `receivedTime` of the last quote in the stream; undefined where that is to be asked. */
  streamedTo: number | undefined;
  /** The stream holds quotes from a future that the clock has left; it is begun anew. */
  streamIsWrong = false;
  streamKeptAt = -Infinity;

  constructor(mode: Mode, exchange: string, symbol: string) {
    super(mode, exchange, symbol);
    this.key = priceKey(mode, exchange, symbol);
    this.recentKey = recentKey(mode, exchange, symbol);
  }

  /** Forgets what stands in Redis. */
  unknown(): void {
    this.fields = UNKNOWN;
    this.keptAt = -Infinity;
    this.streamedTo = undefined;
    this.streamKeptAt = -Infinity;
  }
}
