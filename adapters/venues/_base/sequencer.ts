/**
 * From what a mapper says to the best bid and ask: keeps one book per topic, applies a delta only where it follows on
 * what is there, and verifies the venue's checksum. A book that missed something is dropped at once and stays dropped
 * until the next snapshot, so a price out of a broken book never gets through.
 *
 * It does no I/O and asks nobody for anything: on `gap` the caller resubscribes, on a new connection it calls
 * `resetAll`.
 */
import { Book } from "../../../core/domain/book.ts";
import { isPrice, isSize } from "../../../core/domain/quote.ts";
import type { TopOfBook } from "./quotes.ts";
import type { Venue, VenueEvent } from "./venue.ts";

/** The events that carry prices. */
export type MarketEvent = Extract<VenueEvent, { kind: "top" | "snapshot" | "delta" }>;

/** A quote that can be filled: four finite numbers above zero, bid below ask. */
export interface Top extends TopOfBook {
  kind: "top";
}

/** Where a topic stands after an event. */
export type Sequenced =
  | Top
  /** The book is sound but makes no quote: an empty side, or a top without sizes. Withdraw the quote. */
  | { kind: "withdrawn"; reason: string; exchangeTime: number }
  /** The book cannot be trusted and was dropped. Withdraw the quote, subscribe anew. */
  | { kind: "gap"; reason: string }
  /** No snapshot yet, nothing to say. */
  | { kind: "waiting" };

const WAITING: Sequenced = { kind: "waiting" };

/** Checksums are taken over at most this many levels a side. */
const CHECKSUM_LEVELS = 25;

/** A topic's book. */
interface State {
  book: Book;
  /** False from a gap to the next snapshot. */
  valid: boolean;
  /** Where the book stands; null where the venue has no sequence numbers. */
  sequence: number | null;
  /** True once a delta was applied on the snapshot. */
  moving: boolean;
  exchangeTime: number | null;
}

export interface SequencerOptions {
  /** The venue's checksum; without it checksums are not verified. */
  checksum?: Venue["checksum"] | undefined;
  /** Topics with a book, at most. One connection subscribes a few hundred; more would be invented by the other side. */
  maxTopics?: number;
}

/** One per connection. */
export class Sequencer {
  readonly #states = new Map<string, State>();
  readonly #checksum: Venue["checksum"] | undefined;
  readonly #maxTopics: number;

  constructor(options: SequencerOptions = {}) {
    this.#checksum = options.checksum;
    this.#maxTopics = options.maxTopics ?? 10_000;
  }

  /** Takes an event in the order of arrival and says what the top of book of its topic is now. */
  take(event: MarketEvent): Sequenced {
    switch (event.kind) {
      case "top":
        return topOf(event);
      case "snapshot":
        return this.#snapshot(event);
      case "delta":
        return this.#delta(event);
    }
  }

  /** Forgets a topic, for resubscribing: its deltas wait for a snapshot again. */
  reset(topic: string): void {
    this.#states.delete(topic);
  }

  /** Forgets every topic, for a new connection. */
  resetAll(): void {
    this.#states.clear();
  }

  #snapshot(event: Extract<MarketEvent, { kind: "snapshot" }>): Sequenced {
    let state = this.#states.get(event.topic);
    if (state === undefined) {
      if (this.#states.size >= this.#maxTopics) {
        return { kind: "gap", reason: `More than ${this.#maxTopics} topics on one connection` };
      }
      state = { book: new Book(), valid: false, sequence: null, moving: false, exchangeTime: null };
      this.#states.set(event.topic, state);
    }
    state.valid = true;
    state.moving = false;
    state.sequence = event.sequence;
    if (!state.book.reset(event.bids, event.asks, event.depth)) return drop(state, "A level is not a number");
    return this.#verified(state, event);
  }

  #delta(event: Extract<MarketEvent, { kind: "delta" }>): Sequenced {
    const state = this.#states.get(event.topic);
    if (state === undefined || !state.valid) return WAITING;
    const { sequence } = state;
    const { followsFrom, followsTo } = event;
    if (sequence !== null && followsFrom !== null && followsTo !== null) {
      if (isOlder(event, sequence, state.moving)) {
        return topOfBook(state);
      }
      if (sequence < followsFrom || sequence > followsTo) {
        const wanted = followsFrom === followsTo ? `${followsFrom}` : `${followsFrom} to ${followsTo}`;
        return drop(state, `The book stands at ${sequence}, the update follows on ${wanted}`);
      }
    }
    state.moving = true;
    state.sequence = event.sequence;
    if (!state.book.apply(event.bids, event.asks)) return drop(state, "A level is not a number");
    return this.#verified(state, event);
  }

  /** The quote of a book that was just changed, unless checksum or prices say that something is missing in it. */
  #verified(state: State, event: Extract<MarketEvent, { kind: "snapshot" | "delta" }>): Sequenced {
    const { book } = state;
    state.exchangeTime = event.exchangeTime;
    if (event.checksum !== null && this.#checksum !== undefined) {
      const computed = this.#checksum(book.bids(CHECKSUM_LEVELS), book.asks(CHECKSUM_LEVELS));
      if (computed !== event.checksum) {
        return drop(state, `Checksum is ${computed}, the venue says ${event.checksum}`);
      }
    }
    if (book.bidPrice >= book.askPrice) {
      return drop(state, `The book is crossed, bid ${book.bidPrice} against ask ${book.askPrice}`);
    }
    return topOfBook(state);
  }
}

/**
 * Updates that the book already holds. Right after a snapshot every update up to it may still be under way (Gate's
 * rule for a base read over REST). Later only a repetition of the last one is harmless: numbers can start anew after
 * a venue's maintenance, so a lower number is no proof of age.
 */
function isOlder(
  event: Extract<MarketEvent, { kind: "delta" }>,
  sequence: number,
  moving: boolean,
): boolean {
  if (event.sequence === null || event.followsTo === null || sequence <= event.followsTo) return false;
  return moving ? event.sequence === sequence : event.sequence <= sequence;
}

function drop(state: State, reason: string): Sequenced {
  state.valid = false;
  return { kind: "gap", reason };
}

function topOfBook({ book, exchangeTime }: State): Sequenced {
  return quote(book.bidPrice, book.bidSize, book.askPrice, book.askSize, exchangeTime);
}

function topOf({ bid, ask, exchangeTime }: Extract<MarketEvent, { kind: "top" }>): Sequenced {
  return quote(
    bid === null ? NaN : Number(bid[0]),
    bid === null ? NaN : Number(bid[1]),
    ask === null ? NaN : Number(ask[0]),
    ask === null ? NaN : Number(ask[1]),
    exchangeTime,
  );
}

/** A quote, or why the numbers make none. A crossed top cannot be traded on, so it is none. */
function quote(bid: number, bidSize: number, ask: number, askSize: number, time: number | null): Sequenced {
  const exchangeTime = time ?? NaN;
  if (isPrice(bid) && isPrice(ask) && isSize(bidSize) && isSize(askSize) && bid < ask) {
    return { kind: "top", bid, bidSize, ask, askSize, exchangeTime };
  }
  const reason = !isPrice(bid)
    ? "No bid"
    : !isPrice(ask)
    ? "No ask"
    : bid >= ask
    ? "Bid is not below ask"
    : "No size";
  return { kind: "withdrawn", reason, exchangeTime };
}
