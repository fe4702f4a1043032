/**
 * What a venue folder provides, and what its mapper says. The base (feed, connection, watchdog, worker) is written
 * against this and knows no venue; a venue knows nothing of sockets, timers or workers.
 */
import type { Level } from "../../../core/domain/book.ts";
import type { Instrument } from "../../../core/domain/instrument.ts";

export type { Level };

/** What a frame means. Times are milliseconds since the epoch (fraction = microseconds), null where there is none. */
export type VenueEvent =
  /** Best bid and ask, complete: replaces what was known. An empty side is null. */
  | {
    kind: "top";
    venueSymbol: string;
    topic: string;
    bid: Level | null;
    ask: Level | null;
    exchangeTime: number | null;
  }
  /** A whole book: replaces what was known under `topic`. */
  | {
    kind: "snapshot";
    venueSymbol: string;
    topic: string;
    bids: readonly Level[];
    asks: readonly Level[];
    /** The sequence number that the next delta must follow on; null where the venue has none. */
    sequence: number | null;
    /** Levels a side that the venue keeps up to date; deeper ones are cut. null: keep all. */
    depth: number | null;
    /** The venue's checksum of the state after this frame; null where there is none. */
    checksum: number | null;
    exchangeTime: number | null;
  }
  /** Changed levels: size 0 removes. */
  | {
    kind: "delta";
    venueSymbol: string;
    topic: string;
    bids: readonly Level[];
    asks: readonly Level[];
    /** The book must stand at a sequence in `[followsFrom, followsTo]` for this delta to apply; null: no sequence. */
    followsFrom: number | null;
    followsTo: number | null;
    /** Where the book stands afterwards. */
    sequence: number | null;
    checksum: number | null;
    exchangeTime: number | null;
  }
  /** The venue accepted. It names the request, the topic, or neither (then: the oldest request that waits). */
  | { kind: "accepted"; requestId: string | null; topic: string | null }
  /** The venue refused, a request or one topic of it. */
  | { kind: "refused"; requestId: string | null; topic: string | null; reason: string }
  /** A heartbeat or the answer to ours: the connection lives, it says nothing of any book. */
  | { kind: "alive" }
  /** The venue will close soon; connect anew before it does. */
  | { kind: "closing"; reason: string }
  /** Not a frame of this protocol, or one whose numbers are none. Counted and logged at a bounded rate. */
  | { kind: "malformed"; reason: string };

export type Emit = (event: VenueEvent) => void;

/** A frame in, its events out, in order. Pure: no state, no clock, no throwing. */
export type Mapper = (frame: string, emit: Emit) => void;

export interface Limits {
  /** Topics in one subscribe request. */
  topicsPerRequest: number;
  /** Characters of one subscribe request. */
  charactersPerRequest: number;
  /** Topics on one connection; more open further connections. */
  topicsPerConnection: number;
  /** Requests that may be sent per second on one connection. */
  requestsPerSecond: number;
  /** New connections per minute from one address. */
  connectsPerMinute: number;
}

/** A venue with a WebSocket and a REST instrument list. */
export interface Venue {
  id: string;
  wsUrl: string;
  restUrl: string;
  limits: Limits;
  /** The topic of an instrument, as `accepted`, `refused`, `top`, `snapshot` and `delta` name it. */
  topic(venueSymbol: string): string;
  /** The frame that subscribes or unsubscribes topics. `requestId` is a decimal number in text. */
  subscribe(topics: readonly string[], requestId: string, nowMs: number): string;
  unsubscribe(topics: readonly string[], requestId: string, nowMs: number): string;
  /** Our heartbeat, at this interval whatever else flows, and whenever the connection is silent and must be probed. */
  ping: { everyMs: number; frame(requestId: string, nowMs: number): string };
  /** A topic with no frame for this long is stale; null where the venue promises nothing for a quiet instrument. */
  topicSilenceMs: number | null;
  /** The venue's checksum over a book (best levels first), where it has one. */
  checksum?: (bids: readonly Level[], asks: readonly Level[]) => number;
  /** Where the venue has channels of differences without a snapshot: how the book is read that they go on from. */
  base?: {
    /** Path and query under `restUrl`; null for a topic that brings its own snapshot. */
    path(topic: string, venueSymbol: string): string | null;
    /** The body as the snapshot of that topic, or `malformed`. */
    parse(venueSymbol: string, body: string): VenueEvent;
  };
  map: Mapper;
  instruments: InstrumentList;
}

export interface InstrumentList {
  /** Path and query under `restUrl`. */
  path: string;
  /** The list's body as instruments. Throws a readable error where the body is not that list. */
  parse(body: string): Instrument[];
  /** The documented naming rule, for when neither the list nor a cached copy can be had: `BTC-USDT` → `BTCUSDT`. */
  venueSymbol(symbol: string): string;
}
