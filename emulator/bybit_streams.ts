/** What Bybit's `orderbook` topics say. */
import { trimmed } from "./decimal.ts";
import type { Ladder } from "./ladder.ts";
import type { Listed } from "./server.ts";
import type { Stream } from "./topic.ts";
import { View } from "./view.ts";
import type { Window } from "./window.ts";

/** `orderbook.1` repeats itself after so long without a change. */
const REPEAT_MS = 3_000;

abstract class BookStream implements Stream {
  protected readonly view: View;
  protected saidAt = 0;
  readonly #key: string;
  readonly #item: Listed;
  /** Grows by one with every change; where it starts is the venue's business. */
  #update: number;

  constructor(key: string, item: Listed, ladder: Ladder, depth: number) {
    this.view = new View(ladder, depth);
    this.#key = key;
    this.#item = item;
    this.#update = 1_000_000 + (ladder.sequence + depth * 7919) % 1_000_000;
  }

  first(now: number): string {
    this.read();
    return this.snapshot(now);
  }

  abstract next(now: number): string;

  protected read(): void {
    if (this.view.read()) this.#update++;
  }

  protected snapshot(now: number): string {
    return this.frame("snapshot", this.view.bids, this.view.asks, now);
  }

  /** Spot writes `topic, ts, type` and puts the matching engine's time last. */
  protected frame(type: string, bids: Window, asks: Window, now: number): string {
    this.saidAt = now;
    const ts = Math.floor(now);
    return `{"topic":"${this.#key}","ts":${ts},"type":"${type}","data":{"s":"${this.#item.venueSymbol}",` +
      `"b":${levels(bids, this.#item)},"a":${levels(asks, this.#item)},"u":${this.#update},` +
      `"seq":${this.view.sequence}},"cts":${ts - 2}}`;
  }
}

/** `orderbook.1`: nothing but snapshots; where nothing changed, the last one again, with the same `u`. */
export class BestStream extends BookStream {
  next(now: number): string {
    return this.first(now);
  }

  idle(now: number): string | null {
    return now - this.saidAt < REPEAT_MS ? null : this.snapshot(now);
  }
}

/** `orderbook.50` and deeper: a snapshot, then deltas. A level that leaves the window comes with size 0. */
export class DepthStream extends BookStream {
  next(now: number): string {
    this.read();
    return this.frame("delta", this.view.changedBids, this.view.changedAsks, now);
  }
}

function levels(window: Window, { listing }: Listed): string {
  let text = "";
  for (let at = 0; at < window.length; at++) {
    const price = trimmed(window.ticks[at]!, listing.priceDecimals);
    text += `${at === 0 ? "" : ","}["${price}","${trimmed(window.lots[at]!, listing.sizeDecimals)}"]`;
  }
  return `[${text}]`;
}
