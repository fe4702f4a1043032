/**
 * What the paced exchanges quote. Two kinds of symbols:
 *
 * - A *probe* has an opportunity that stays open: its seller bids 2 % above its buyer's ask. Each frame of the seller
 *   carries the moment it was made, in microseconds, as the size of its bid; the buyer offers more than that, so the
 *   moment comes out as `sizeBase` of the event, and its delay is known without a table of what was sent.
 * - All others move by a few ticks and open nothing. They are the load.
 */
import { Ladder } from "../../emulator/ladder.ts";
import { listingOf } from "../../adapters/venues/synthetic/listing.ts";
import { seeded } from "../harness/stats.ts";

export const VENUES = ["bybit", "okx", "gateio", "kraken"] as const;
export type VenueId = typeof VENUES[number];

/** Five sell at each venue. */
const PROBES = Array.from({ length: 20 }, (_, at) => `PROBE${at}-USDT`);
const LOAD = Array.from({ length: 80 }, (_, at) => `LOAD${at}-USDT`);
export const SYMBOLS = [...PROBES, ...LOAD];

/** Share of the load's frames in which prices move; in the others only sizes do, as on real venues. */
const PRICE_MOVES = 0.2;
/** More than any moment of a run, and no more than what prints without an exponent. */
const PLENTY_LOTS = 1e10;

export interface Quoted {
  venue: number;
  symbol: number;
}

export class PacedMarket {
  /** By venue, in the order of `SYMBOLS`. */
  readonly ladders: readonly Ladder[][];
  readonly #random = seeded(3);
  /** Where the load stands, in parts of the price, by venue and symbol. */
  readonly #offsets = new Float64Array(VENUES.length * SYMBOLS.length);
  #nextProbe = 0;
  #nextLoad = 0;

  constructor() {
    this.ladders = VENUES.map((venue) => SYMBOLS.map((symbol) => new Ladder(3, venue, listingOf(symbol))));
    for (const _ of PROBES) this.moveProbe(1);
    for (const [venue, ladders] of this.ladders.entries()) {
      for (const [symbol] of ladders.entries()) if (!isProbe(venue, symbol)) this.move(venue, symbol);
    }
  }

  /** Puts `micros` into the next probe; returns whose quote it is. */
  moveProbe(micros: number): Quoted {
    const symbol = this.#nextProbe;
    this.#nextProbe = (symbol + 1) % PROBES.length;
    const venue = sellerOf(symbol);
    set(this.ladders[venue]![symbol]!, [1.02, Math.max(1, micros)], [1.021, PLENTY_LOTS]);
    return { venue, symbol };
  }

  /** Whose turn it is to be load. */
  nextLoad(): Quoted {
    for (;;) {
      const venue = this.#nextLoad % VENUES.length;
      const symbol = Math.floor(this.#nextLoad / VENUES.length) % SYMBOLS.length;
      this.#nextLoad++;
      if (!isProbe(venue, symbol)) return { venue, symbol };
    }
  }

  /** Moves a quote of the load. */
  move(venue: number, symbol: number): void {
    const ladder = this.ladders[venue]![symbol]!;
    const some = Math.floor(this.#random() * 1e6);
    if (symbol >= PROBES.length) {
      // Fees are 20 bps for a route and more, so quotes that differ by a few bps open nothing.
      const at = venue * SYMBOLS.length + symbol;
      if (this.#random() < PRICE_MOVES) this.#offsets[at] = Math.round(this.#random() * 4 - 2) * 1e-4;
      const offset = this.#offsets[at]!;
      set(ladder, [0.9998 + offset, 1 + some], [1.0002 + offset, 1e6 - some]);
    } else if (venue === (sellerOf(symbol) + 1) % VENUES.length) {
      set(ladder, [0.98, PLENTY_LOTS + some], [1, PLENTY_LOTS + some]);
    } else set(ladder, [0.9, PLENTY_LOTS + some], [1.1, PLENTY_LOTS + some]);
  }
}

/** True for the quote of a probe's seller, which carries the time. */
export function isProbe(venue: number, symbol: number): boolean {
  return symbol < PROBES.length && venue === sellerOf(symbol);
}

/** The microseconds that an event of a probe carries; undefined for any other event. */
export function microsOf(event: { symbol: string; sizeBase: number }): number | undefined {
  if (!event.symbol.startsWith("PROBE")) return undefined;
  return Math.round(event.sizeBase * 10 ** listingOf(event.symbol).sizeDecimals);
}

function sellerOf(symbol: number): number {
  return symbol % VENUES.length;
}

type Side = readonly [part: number, lots: number];

/** Prices are parts of the listing's, sizes in lots. */
function set(ladder: Ladder, bid: Side, ask: Side): void {
  const { price, sizeDecimals } = ladder.listing;
  const lot = 10 ** -sizeDecimals;
  ladder.quote(price * bid[0], lot * bid[1], price * ask[0], lot * ask[1]);
}
