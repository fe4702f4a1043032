/**
 * Adds up what a price did: ticks and the time that prices stood, in the order of time. The one place that knows how
 * statistics of parts make those of the whole; slots, bars and windows all go through it. The rules are those of `Bar`.
 */
import type { Bar } from "../domain/bar.ts";

/** Sums of times differ from the whole by rounding; a gap shorter than this is none. */
const ROUNDING_MS = 0.01;

export class Aggregate {
  samples = 0;
  /** What the average is taken over: ticks, or, as long as there is none, milliseconds that a price stood. */
  #weight = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  #minTime = NaN;
  #maxTime = NaN;
  #first = NaN;
  #last = NaN;
  freshMs = 0;
  #weighted = 0;
  /** The quote that stood in the end; NaN where none did. */
  bid = NaN;
  ask = NaN;

  /** Ticks that came after all those before. `sum` is that of their prices. */
  ticks(
    count: number,
    sum: number,
    min: number,
    minTime: number,
    max: number,
    maxTime: number,
    first: number,
    last: number,
  ): void {
    // What stood before the first tick was only for want of one.
    if (this.samples === 0) this.#clear();
    this.samples += count;
    this.#take(count, sum, min, minTime, max, maxTime, first, last);
  }

  /** A price stood for `ms`, beginning at `time`; without effect on what the ticks say. */
  stood(price: number, ms: number, time: number): void {
    this.fresh(price * ms, ms);
    if (this.samples === 0) this.#take(ms, price * ms, price, time, price, time, price, price);
  }

  /** Time that prices stood, and their sum weighted with it. */
  fresh(weighted: number, ms: number): void {
    this.#weighted += weighted;
    this.freshMs += ms;
  }

  /** A bar that came after all those before. */
  bar(bar: Bar): void {
    const { minPrice, minTime, maxPrice, maxTime, firstPrice, lastPrice } = bar;
    const add = (weight: number) =>
      this.#take(
        weight,
        bar.averagePrice * weight,
        minPrice,
        minTime,
        maxPrice,
        maxTime,
        firstPrice,
        lastPrice,
      );
    if (bar.samples > 0) {
      if (this.samples === 0) this.#clear();
      this.samples += bar.samples;
      add(bar.samples);
    } else if (this.samples === 0) add(bar.freshMs);
    this.fresh(bar.timeWeightedPrice * bar.freshMs, bar.freshMs);
    this.bid = bar.bestBid ?? NaN;
    this.ask = bar.bestAsk ?? NaN;
  }

  /** The bar of `[timestamp, timestamp + lengthMs)`, or undefined where no price came or stood. */
  toBar(of: Pick<Bar, "mode" | "exchange" | "symbol" | "timestamp">, lengthMs: number): Bar | undefined {
    if (this.samples === 0 && this.freshMs === 0) return undefined;
    // Rounding must not put an average outside of what it is the average of.
    const average = Math.min(Math.max(this.#sum / this.#weight, this.#min), this.#max);
    return {
      mode: of.mode,
      exchange: of.exchange,
      symbol: of.symbol,
      timestamp: of.timestamp,
      averagePrice: average,
      timeWeightedPrice: this.freshMs > 0 ? this.#weighted / this.freshMs : average,
      minPrice: this.#min,
      maxPrice: this.#max,
      minTime: this.#minTime,
      maxTime: this.#maxTime,
      firstPrice: this.#first,
      lastPrice: this.#last,
      samples: this.samples,
      bestBid: Number.isNaN(this.bid) ? null : this.bid,
      bestAsk: Number.isNaN(this.ask) ? null : this.ask,
      freshMs: this.freshMs,
      complete: this.freshMs >= lengthMs - ROUNDING_MS,
    };
  }

  #clear(): void {
    this.#weight = this.#sum = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
    this.#first = NaN;
  }

  #take(
    weight: number,
    sum: number,
    min: number,
    minTime: number,
    max: number,
    maxTime: number,
    first: number,
    last: number,
  ): void {
    this.#weight += weight;
    this.#sum += sum;
    if (min < this.#min) {
      this.#min = min;
      this.#minTime = minTime;
    }
    if (max > this.#max) {
      this.#max = max;
      this.#maxTime = maxTime;
    }
    if (Number.isNaN(this.#first)) this.#first = first;
    this.#last = last;
  }
}

/**
 * Bars of one exchange and symbol, in the order of time, as the bar of `[timestamp, timestamp + lengthMs)`; undefined
 * where there are none.
 */
export function combine(bars: readonly Bar[], timestamp: number, lengthMs: number): Bar | undefined {
  const aggregate = new Aggregate();
  for (const bar of bars) aggregate.bar(bar);
  return bars[0] && aggregate.toBar({ ...bars[0], timestamp }, lengthMs);
}
