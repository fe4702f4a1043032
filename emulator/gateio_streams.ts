/** What Gate's spot channels say. `t` is ms, `time` and `E` are seconds; update ids are shared by all channels. */
import { trimmed } from "./decimal.ts";
import type { Ladder } from "./ladder.ts";
import type { Listed } from "./server.ts";
import type { Stream } from "./topic.ts";
import { View } from "./view.ts";
import type { Window } from "./window.ts";

abstract class ChannelStream implements Stream {
  protected readonly view: View;
  protected readonly item: Listed;
  readonly #channel: string;

  constructor(channel: string, item: Listed, ladder: Ladder, depth: number) {
    this.view = new View(ladder, depth);
    this.item = item;
    this.#channel = channel;
  }

  /** Most channels are silent until something changes. */
  first(_now: number): string | null {
    this.view.read();
    return null;
  }

  abstract next(now: number): string;

  protected frame(result: string, now: number): string {
    const ms = Math.floor(now);
    return `{"time":${Math.floor(ms / 1000)},"time_ms":${ms},"channel":"${this.#channel}","event":"update",` +
      `"result":{"t":${ms - 4},${result}}}`;
  }

  protected price(ticks: number): string {
    return trimmed(ticks, this.item.listing.priceDecimals);
  }

  protected size(lots: number): string {
    return trimmed(lots, this.item.listing.sizeDecimals);
  }
}

/** `spot.book_ticker`: best bid and ask at every change. An empty side has no price and size 0. */
export class BookTickerStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { bids, asks, sequence } = this.view;
    const price = (side: Window) => side.length === 0 ? "" : this.price(side.ticks[0]!);
    const size = (side: Window) => side.length === 0 ? "0" : this.size(side.lots[0]!);
    return this.frame(
      `"u":${sequence},"s":"${this.item.venueSymbol}","b":"${price(bids)}","B":"${size(bids)}",` +
        `"a":"${price(asks)}","A":"${size(asks)}"`,
      now,
    );
  }
}

/** `spot.obu`: a full frame, then increments chained by `U` and `u`; a side without a change is left out. */
export class ObuStream extends ChannelStream {
  readonly #name: string;

  constructor(name: string, item: Listed, ladder: Ladder, depth: number) {
    super("spot.obu", item, ladder, depth);
    this.#name = name;
  }

  override first(now: number): string {
    this.view.read();
    const { bids, asks, sequence } = this.view;
    const sides = `"b":${levels(bids, this.item)},"a":${levels(asks, this.item)}`;
    return this.#frame(`"full":true,"s":"${this.#name}","u":${sequence},${sides}`, now);
  }

  next(now: number): string {
    this.view.read();
    const { changedBids, changedAsks, before, sequence } = this.view;
    const bids = changedBids.length === 0 ? "" : `,"b":${levels(changedBids, this.item)}`;
    const asks = changedAsks.length === 0 ? "" : `,"a":${levels(changedAsks, this.item)}`;
    return this.#frame(`"s":"${this.#name}","U":${before + 1},"u":${sequence}${bids}${asks}`, now);
  }

  /** This channel orders its keys in another way and has no seconds. */
  #frame(result: string, now: number): string {
    const ms = Math.floor(now);
    return `{"channel":"spot.obu","result":{"t":${ms - 3},${result}},"time_ms":${ms},"event":"update"}`;
  }
}

/** `spot.order_book_update`: nothing but differences; their base comes over REST. */
export class DifferenceStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { changedBids, changedAsks, before, sequence } = this.view;
    return this.frame(
      `"e":"depthUpdate","E":${Math.floor(now / 1000)},"s":"${this.item.venueSymbol}","U":${before + 1},` +
        `"u":${sequence},"b":${levels(changedBids, this.item)},"a":${levels(changedAsks, this.item)}`,
      now,
    );
  }
}

/** `spot.order_book`: whole books, although the event says `update`. */
export class BookStream extends ChannelStream {
  override first(now: number): string {
    return this.next(now);
  }

  next(now: number): string {
    this.view.read();
    const { bids, asks, sequence } = this.view;
    return this.frame(
      `"lastUpdateId":${sequence},"s":"${this.item.venueSymbol}","bids":${levels(bids, this.item)},` +
        `"asks":${levels(asks, this.item)}`,
      now,
    );
  }
}

/** `spot.tickers`: best prices without sizes. */
export class TickerStream extends ChannelStream {
  next(now: number): string {
    this.view.read();
    const { ladder } = this.view;
    const { price, priceDecimals } = this.item.listing;
    const usual = Math.round(price * 10 ** priceDecimals);
    const ms = Math.floor(now);
    return `{"time":${
      Math.floor(ms / 1000)
    },"time_ms":${ms},"channel":"spot.tickers","event":"update","result":{` +
      `"currency_pair":"${this.item.venueSymbol}","last":"${this.price(ladder.bidTicks)}",` +
      `"lowest_ask":"${ladder.emptied === "ask" ? "" : this.price(ladder.askTicks)}",` +
      `"highest_bid":"${
        ladder.emptied === "bid" ? "" : this.price(ladder.bidTicks)
      }","change_percentage":"0.5",` +
      `"base_volume":"27799.8390372666","quote_volume":"215375.1010537074991",` +
      `"high_24h":"${this.price(Math.round(usual * 1.1))}","low_24h":"${
        this.price(Math.round(usual * 0.9))
      }"}}`;
  }
}

export function levels(window: Window, { listing }: Listed): string {
  let text = "";
  for (let at = 0; at < window.length; at++) {
    const price = trimmed(window.ticks[at]!, listing.priceDecimals);
    text += `${at === 0 ? "" : ","}["${price}","${trimmed(window.lots[at]!, listing.sizeDecimals)}"]`;
  }
  return `[${text}]`;
}
