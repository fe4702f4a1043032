/** How a stream is opened, and what it tells beside the market. Its numbers are from 1 to 100,000,000. */
import type { StreamError } from "./errors.ts";
import type { Format } from "./message.ts";

export interface StreamOptions {
  /** How messages look on the wire. JSON where left out; `protobuf` is in protobuf.ts. */
  format?: Format | undefined;
  /**
   * `server.readToken` of the program, where one is set. Deno and Node send it. Browsers cannot: on pages that the program
   * serves they send by themselves what their user has entered, and other pages may not read where a token is needed.
   */
  token?: string | undefined;
  /** Closes the stream. */
  signal?: AbortSignal | undefined;
  /** So many rows may wait for a loop that is slow; beyond, one snapshot takes their place. 1,000 where left out. */
  maxWaitingRows?: number | undefined;
  /** A connection has to open within this time. 10 s where left out. */
  openWithinMs?: number | undefined;
  /** One that says nothing for so long is given up: two signs of life are missing. 35 s where left out. */
  silentAfterMs?: number | undefined;
  /** Waits between attempts: at least this long, 0.5 s where left out, … */
  firstWaitMs?: number | undefined;
  /** … doubled by each failure up to this long, with jitter. 15 s where left out; never below the first wait. */
  longestWaitMs?: number | undefined;
}

const DEFAULTS = {
  maxWaitingRows: 1000,
  openWithinMs: 10_000,
  silentAfterMs: 35_000,
  firstWaitMs: 500,
  longestWaitMs: 15_000,
};
/** About a day. Timers of 2^31 ms and more end at once. */
const MAX = 100_000_000;

/** All numbers, also those that were left out. Throws a RangeError for one that makes no sense. */
export function numbersOf(options: StreamOptions): typeof DEFAULTS {
  const numbers = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = numbers[name] = options[name] ?? DEFAULTS[name];
    if (!(value >= 1 && value <= MAX)) throw new RangeError(`${name} is ${value}, and not from 1 to ${MAX}`);
  }
  return numbers;
}

/** What every stream tells beside the market. */
export type StreamEvent<Filter> =
  /** How the connection is. */
  | ConnectionEvent
  /** What follows is for this filter, which is in canonical spelling. */
  | { type: "subscribed"; filter: Filter }
  /** A filter that was asked for makes no sense; the one before goes on. */
  | { type: "problem"; title: string; detail: string }
  /** A sign of life, at least every 15 s, with the clock of the program, ms since the epoch. */
  | { type: "heartbeat"; time: number };

export type ConnectionEvent =
  | { type: "connection"; state: "connecting" | "live" }
  /** Until the stream is live again its rows are old. */
  | { type: "connection"; state: "reconnecting"; error: StreamError; retryInMs: number };
