/** What Kraken's channels say: JSON numbers whose digits, trailing zeros included, are part of the checksum. */
import { crc32 } from "./crc32.ts";
import { fixed } from "./decimal.ts";
import type { Ladder } from "./ladder.ts";
import type { Listed } from "./server.ts";
import type { Stream } from "./topic.ts";
import { View } from "./view.ts";
import type { Window } from "./window.ts";

/** Quantities always have so many decimals. */
const QTY_DECIMALS = 8;
const CHECKED_LEVELS = 10;

/** RFC 3339 with microseconds. */
export function timestamp(now: number): string {
  const micros = String(Math.floor(now * 1000) % 1000).padStart(3, "0");
  return new Date(now).toISOString().replace("Z", `${micros}Z`);
}

/** `book`: a snapshot, then updates, each with the CRC32 of the ten best levels after it. */
export class BookStream implements Stream {
  readonly #item: Listed;
  readonly #view: View;
  readonly #qtyScale: number;
  #spoil = false;

  constructor(item: Listed, ladder: Ladder, depth: number) {
    this.#item = item;
    // The client cuts its book to the depth itself: a level that is pushed out is not named.
    this.#view = new View(ladder, depth, false);
    this.#qtyScale = 10 ** (QTY_DECIMALS - item.listing.sizeDecimals);
  }

  first(now: number): string {
    this.#view.read();
    return this.#frame("snapshot", this.#view.bids, this.#view.asks, now);
  }

  next(now: number): string {
    this.#view.read();
    return this.#frame("update", this.#view.changedBids, this.#view.changedAsks, now);
  }

  spoil(): void {
    this.#spoil = true;
  }

  #frame(type: string, bids: Window, asks: Window, now: number): string {
    return `{"channel":"book","type":"${type}","data":[{"symbol":"${this.#item.venueSymbol}",` +
      `"bids":${this.#levels(bids)},"asks":${this.#levels(asks)},"checksum":${this.#checksum()},` +
      `"timestamp":"${timestamp(now)}"}]}`;
  }

  #levels(window: Window): string {
    let text = "";
    for (let at = 0; at < window.length; at++) {
      const price = fixed(window.ticks[at]!, this.#item.listing.priceDecimals);
      const qty = fixed(window.lots[at]! * this.#qtyScale, QTY_DECIMALS);
      text += `${at === 0 ? "" : ","}{"price":${price},"qty":${qty}}`;
    }
    return `[${text}]`;
  }

  /** Prices and quantities without dot and leading zeros are exactly the whole units: ticks and 1e-8. */
  #checksum(): number {
    const side = (window: Window) => {
      let digits = "";
      for (let at = 0; at < Math.min(CHECKED_LEVELS, window.length); at++) {
        digits += `${window.ticks[at]!}${window.lots[at]! * this.#qtyScale}`;
      }
      return digits;
    };
    const checksum = crc32(side(this.#view.asks) + side(this.#view.bids));
    if (!this.#spoil) return checksum;
    this.#spoil = false;
    return (checksum ^ 1) >>> 0;
  }
}

/** One change in so many counts as a trade, for those who want the ticker on trades. */
const CHANGES_PER_TRADE = 16;

/**
 * `ticker`: with the trigger `bbo` when a best price changes (a size alone does not fire it), else on trades. An
 * empty side reads 0.
 */
export class TickerStream implements Stream {
  readonly #item: Listed;
  readonly #view: View;
  readonly #onBest: boolean;
  #bidTicks = 0;
  #askTicks = 0;
  #changes = 0;

  constructor(item: Listed, ladder: Ladder, onBest: boolean) {
    this.#item = item;
    this.#view = new View(ladder, 1);
    this.#onBest = onBest;
  }

  first(now: number): string {
    this.#view.read();
    return this.#frame("snapshot", now);
  }

  next(now: number): string | null {
    this.#view.read();
    const best = this.#top(this.#view.bids) !== this.#bidTicks ||
      this.#top(this.#view.asks) !== this.#askTicks;
    const fires = this.#onBest ? best : ++this.#changes % CHANGES_PER_TRADE === 0;
    return fires ? this.#frame("update", now) : null;
  }

  #top(side: Window): number {
    return side.length === 0 ? 0 : side.ticks[0]!;
  }

  #frame(type: string, now: number): string {
    const { bids, asks } = this.#view;
    this.#bidTicks = this.#top(bids);
    this.#askTicks = this.#top(asks);
    const { price: usual, priceDecimals, sizeDecimals } = this.#item.listing;
    const price = (ticks: number) => fixed(ticks, priceDecimals);
    const scale = 10 ** (QTY_DECIMALS - sizeDecimals);
    const qty = (side: Window) => fixed(side.length === 0 ? 0 : side.lots[0]! * scale, QTY_DECIMALS);
    const usualTicks = Math.round(usual * 10 ** priceDecimals);
    return `{"channel":"ticker","type":"${type}","data":[{"symbol":"${this.#item.venueSymbol}",` +
      `"bid":${price(this.#bidTicks)},"bid_qty":${qty(bids)},"ask":${price(this.#askTicks)},"ask_qty":${
        qty(asks)
      },` +
      `"last":${price(this.#askTicks)},"volume":3156.84782110,"vwap":${price(usualTicks)},` +
      `"low":${price(Math.round(usualTicks * 0.9))},"high":${
        price(Math.round(usualTicks * 1.1))
      },"change":0.0,` +
      `"change_pct":-0.51,"trades":135262,"timestamp":"${timestamp(now)}"}]}`;
  }
}
