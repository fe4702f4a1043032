/**
 * The last thing between a feed and the core: what stands in the table of one worker, and which changes are worth a
 * row. Whatever a feed says, no number leaves here that cannot be a price or a size.
 */
import type { ChannelWriter, Tick } from "../../../core/app/channel.ts";
import { isPrice, isSize, QuoteState } from "../../../core/domain/quote.ts";
import { MOST_BACK_MS, type SlotWriter } from "../../../core/stats/slots.ts";

/** The numbers of a quote that can be filled. */
export interface TopOfBook {
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
  /** Milliseconds since the epoch, NaN where the venue sent none. */
  exchangeTime: number;
}

export class Quotes {
  readonly #channel: Pick<ChannelWriter, "write">;
  readonly #slots: SlotWriter;
  readonly #firstCell: number;
  /** The quote of each cell as it was written last; cells count from `firstCell`. */
  readonly #ticks: readonly Tick[];

  constructor(channel: Pick<ChannelWriter, "write">, slots: SlotWriter, firstCell: number, cells: number) {
    this.#channel = channel;
    this.#slots = slots;
    this.#firstCell = firstCell;
    this.#ticks = Array.from({ length: cells }, (_, at) => emptyTick(firstCell + at));
  }

  /**
   * A new best bid and ask. Writes nothing where neither numbers nor freshness changed, unless there is more to the quote
   * than these numbers and `moreChanged`. Returns false, and withdraws the quote, where the numbers make no quote (not
   * finite, not above zero, bid not below ask).
   */
  top(cell: number, top: TopOfBook, receivedTime: number, moreChanged = false): boolean {
    const { bid, bidSize, ask, askSize } = top;
    if (!(isPrice(bid) && isPrice(ask) && bid < ask && isSize(bidSize) && isSize(askSize))) {
      this.withdraw(cell, receivedTime);
      return false;
    }
    const tick = this.#tick(cell);
    if (
      !moreChanged && tick.state === QuoteState.fresh && tick.bid === bid && tick.ask === ask &&
      tick.bidSize === bidSize &&
      tick.askSize === askSize
    ) return true;
    tick.bid = bid;
    tick.bidSize = bidSize;
    tick.ask = ask;
    tick.askSize = askSize;
    tick.price = (bid + ask) / 2;
    this.#write(tick, QuoteState.fresh, top.exchangeTime, receivedTime);
    return true;
  }

  /** A price without a book: it can be shown, but there is nothing to trade on. Returns as `top`. */
  price(cell: number, price: number, exchangeTime: number, receivedTime: number): boolean {
    if (!isPrice(price)) {
      this.withdraw(cell, receivedTime);
      return false;
    }
    const tick = this.#tick(cell);
    if (tick.state === QuoteState.fresh && tick.price === price && Number.isNaN(tick.bid)) return true;
    clear(tick);
    tick.price = price;
    this.#write(tick, QuoteState.fresh, exchangeTime, receivedTime);
    return true;
  }

  /** There is no quote: an empty side, or a book that is not valid. */
  withdraw(cell: number, receivedTime: number): void {
    const tick = this.#tick(cell);
    if (tick.state === QuoteState.withdrawn) return;
    clear(tick);
    this.#slots.end(cell, receivedTime);
    this.#write(tick, QuoteState.withdrawn, NaN, receivedTime);
  }

  /** The feed of this quote died or fell silent, as of `now`. A quote that is not there stays away. */
  stale(cell: number, now: number): void {
    const tick = this.#tick(cell);
    if (tick.state !== QuoteState.fresh) return;
    this.#slots.end(cell, now);
    this.#write(tick, QuoteState.stale, tick.exchangeTime, tick.receivedTime);
  }

  #write(tick: Tick, state: QuoteState, exchangeTime: number, receivedTime: number): void {
    tick.state = state;
    tick.exchangeTime = exchangeTime;
    // The order of ticks is that of their times, also where the clock goes back a little; the statistics need that.
    const back = tick.receivedTime - receivedTime;
    tick.receivedTime = back > 0 && back <= MOST_BACK_MS ? tick.receivedTime : receivedTime;
    if (state === QuoteState.fresh) {
      this.#slots.tick(tick.cell, tick.price, tick.bid, tick.ask, tick.receivedTime);
    }
    this.#channel.write(tick);
  }

  #tick(cell: number): Tick {
    return this.#ticks[cell - this.#firstCell]!;
  }
}

function emptyTick(cell: number): Tick {
  const tick = { cell, ticks: 1, state: QuoteState.withdrawn, exchangeTime: NaN, receivedTime: NaN };
  return clear({ ...tick, bid: NaN, bidSize: NaN, ask: NaN, askSize: NaN, price: NaN });
}

function clear(tick: Tick): Tick {
  tick.bid =
    tick.bidSize =
    tick.ask =
    tick.askSize =
    tick.price =
      NaN;
  return tick;
}
