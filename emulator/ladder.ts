/**
 * The order book of one instrument on one venue: the seeded market's best bid and ask, and levels around them.
 *
 * Deeper levels stand on a fixed price grid and their sizes change now and then, so that the book moves as real ones
 * do: a step of the top uncovers or covers a few levels, the rest stays. Everything follows from the seed and the
 * number of changes; all channels of a venue read the same ladder and therefore agree.
 */
import type { Listing } from "../adapters/venues/synthetic/listing.ts";
import { keyOf, uniform } from "../adapters/venues/synthetic/noise.ts";
import { Window } from "./window.ts";

/** Distance of the grid, in parts of the price. */
const GRID = 0.5e-4;
/** A level keeps its size for so many changes of the instrument. */
const LEVEL_LIFE = 64;
/** Sizes that levels take, spread over these notionals in quote currency. */
const SIZES = 256;
const NOTIONAL = { least: 300, most: 60_000 };

export type SideName = "bid" | "ask";

export class Ladder {
  /** Best prices in ticks and sizes in lots; valid whatever `emptied` says. */
  bidTicks = 1;
  bidLots = 1;
  askTicks = 2;
  askLots = 1;
  /** A side that a fault has emptied. */
  emptied: SideName | null = null;
  /** One number for every change, shared by all channels, with irregular steps as venues have them. */
  sequence: number;
  readonly symbol: string;
  readonly listing: Listing;
  readonly #key: number;
  readonly #grid: number;
  readonly #sizes: Float64Array;
  readonly #tickScale: number;
  readonly #lotScale: number;
  #marketBidLots = 1;
  #marketAskLots = 1;
  #changes = 0;

  constructor(seed: number, venue: string, listing: Listing) {
    this.symbol = listing.symbol;
    this.listing = listing;
    this.#key = keyOf(seed, venue, listing.symbol, "ladder");
    this.#tickScale = 10 ** listing.priceDecimals;
    this.#lotScale = 10 ** listing.sizeDecimals;
    this.#grid = Math.max(1, Math.round(listing.price * GRID * this.#tickScale));
    this.#sizes = new Float64Array(SIZES).map((_, at) => {
      const notional = NOTIONAL.least * (NOTIONAL.most / NOTIONAL.least) ** (at / SIZES);
      return Math.max(1, Math.round(notional / listing.price * this.#lotScale));
    });
    this.sequence = 1_000_000_000 + Math.floor(uniform(this.#key, -1) * 1e9);
  }

  /** Takes over a quote of the market; prices and sizes are exact multiples of tick and lot. */
  quote(bid: number, bidSize: number, ask: number, askSize: number): void {
    this.bidTicks = Math.round(bid * this.#tickScale);
    this.askTicks = Math.round(ask * this.#tickScale);
    this.bidLots = this.#marketBidLots = Math.round(bidSize * this.#lotScale);
    this.askLots = this.#marketAskLots = Math.round(askSize * this.#lotScale);
    this.#advance();
  }

  /** Changes sizes only, the top among them: what most frames of a busy venue say. */
  stir(): void {
    this.#advance();
    const by = 0.25 + 1.5 * uniform(this.#key, this.#changes);
    this.bidLots = Math.max(1, Math.round(this.#marketBidLots * by));
    this.askLots = Math.max(1, Math.round(this.#marketAskLots * (2 - by)));
  }

  #advance(): void {
    this.#changes++;
    this.sequence += 1 + Math.floor(9 * uniform(this.#key, -this.#changes));
  }

  /** Writes the best levels into a window, best first, at most as many as it has room for. */
  fill(side: SideName, window: Window): void {
    window.length = 0;
    if (this.emptied === side) return;
    const up = side === "ask";
    const top = up ? this.askTicks : this.bidTicks;
    window.push(top, up ? this.askLots : this.bidLots);
    let level = up ? Math.floor(top / this.#grid) + 1 : Math.ceil(top / this.#grid) - 1;
    for (; window.length < window.depth && level > 0; level += up ? 1 : -1) {
      window.push(level * this.#grid, this.#levelLots(level));
    }
  }

  #levelLots(level: number): number {
    const life = Math.floor((this.#changes + level % LEVEL_LIFE) / LEVEL_LIFE);
    return this.#sizes[Math.floor(uniform(this.#key ^ level, life) * SIZES)]!;
  }
}
