/** What OKX's channels say. A level is `[price, size, "0", orders]`; times are text. */
import { trimmed } from "./decimal.ts";
import type { Ladder } from "./ladder.ts";
import type { Listed } from "./server.ts";
import type { Stream } from "./topic.ts";
import { View } from "./view.ts";
import type { Window } from "./window.ts";

/** `books` says that it lives after so long without a change. */
const REPEAT_MS = 60_000;

abstract class ChannelStream implements Stream {
  protected readonly view: View;
  protected readonly item: Listed;
  readonly #head: string;

  constructor(channel: string, item: Listed, ladder: Ladder, depth: number) {
    this.view = new View(ladder, depth);
    this.item = item;
    this.#head = `{"arg":{"channel":"${channel}","instId":"${item.venueSymbol}"},`;
  }

  first(now: number): string {
    return this.next(now);
  }

  abstract next(now: number): string;

  protected frame(action: string | undefined, data: string): string {
    const word = action === undefined ? "" : `"action":"${action}",`;
    return `${this.#head}${word}"data":[{${data}}]}`;
  }

  protected sides(bids: Window, asks: Window): string {
    return `"asks":${levels(asks, this.item)},"bids":${levels(bids, this.item)}`;
  }
}

/** `bbo-tbt`: best bid and ask, whole, at every change. */
export class BestStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { bids, asks, sequence } = this.view;
    return this.frame(undefined, `${this.sides(bids, asks)},"ts":"${Math.floor(now)}","seqId":${sequence}`);
  }
}

/** `books5`: five levels a side, whole, at every change. */
export class FiveStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { bids, asks, sequence } = this.view;
    const tail = `"instId":"${this.item.venueSymbol}","ts":"${Math.floor(now)}","seqId":${sequence}`;
    return this.frame(undefined, `${this.sides(bids, asks)},${tail}`);
  }
}

/** `books`: a snapshot, then updates chained by `prevSeqId`. The checksum is 0 since June 2026. */
export class BooksStream extends ChannelStream {
  #saidAt = 0;

  override first(now: number): string {
    this.view.read();
    return this.#frame("snapshot", this.sides(this.view.bids, this.view.asks), -1, now);
  }

  next(now: number): string {
    const previous = this.view.sequence;
    this.view.read();
    return this.#frame("update", this.sides(this.view.changedBids, this.view.changedAsks), previous, now);
  }

  idle(now: number): string | null {
    if (now - this.#saidAt < REPEAT_MS) return null;
    return this.#frame("update", `"asks":[],"bids":[]`, this.view.sequence, now);
  }

  #frame(action: string, sides: string, previous: number, now: number): string {
    this.#saidAt = now;
    const tail = `"ts":"${
      Math.floor(now)
    }","checksum":0,"seqId":${this.view.sequence},"prevSeqId":${previous}`;
    return this.frame(action, `${sides},${tail}`);
  }
}

/** `tickers`: best bid and ask with figures of the day; the last trade need not lie between them. */
export class TickerStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { listing, venueSymbol } = this.item;
    const { ladder } = this.view;
    const price = (ticks: number) => trimmed(ticks, listing.priceDecimals);
    const size = (lots: number) => trimmed(lots, listing.sizeDecimals);
    const side = (window: Window) =>
      window.length === 0 ? ["", ""] : [price(window.ticks[0]!), size(window.lots[0]!)];
    const [askPx, askSz] = side(this.view.asks);
    const [bidPx, bidSz] = side(this.view.bids);
    const usual = Math.round(listing.price * 10 ** listing.priceDecimals);
    return this.frame(
      undefined,
      `"instType":"SPOT","instId":"${venueSymbol}","last":"${price(ladder.askTicks + 1)}","lastSz":"${
        size(1)
      }",` +
        `"askPx":"${askPx}","askSz":"${askSz}","bidPx":"${bidPx}","bidSz":"${bidSz}","open24h":"${
          price(usual)
        }",` +
        `"high24h":"${price(Math.round(usual * 1.1))}","low24h":"${price(Math.round(usual * 0.9))}",` +
        `"sodUtc0":"${price(usual)}","sodUtc8":"${
          price(usual)
        }","volCcy24h":"458903124.05","vol24h":"5449.95",` +
        `"ts":"${Math.floor(now)}"`,
    );
  }
}

function levels(window: Window, { listing }: Listed): string {
  let text = "";
  for (let at = 0; at < window.length; at++) {
    const lots = window.lots[at]!;
    const price = trimmed(window.ticks[at]!, listing.priceDecimals);
    const orders = lots === 0 ? 0 : 1 + lots % 9;
    text += `${at === 0 ? "" : ","}["${price}","${trimmed(lots, listing.sizeDecimals)}","0","${orders}"]`;
  }
  return `[${text}]`;
}
