/**
 * The quotes of a pair in the last minutes: at most one a half second, at most `RECENT_QUOTES`, as numbers side by side.
 * 2,500 pairs of 600 quotes are 85 MB this way; as objects they would be four times that. Room is made as it is needed.
 */
import type { Quote } from "../../core/domain/quote.ts";
import { RECENT_QUOTES } from "../../core/ports/cache.ts";

/** Of the quotes of one half second only the latest is kept. */
export const SLOT_MS = 500;

const FIRST_CAPACITY = 8;
/** receivedTime, bid, bidSize, ask, askSize, price, exchangeTime; NaN where there is none. */
const WORDS = 7;

export class RecentRing {
  #numbers = new Float64Array(FIRST_CAPACITY * WORDS);
  #fresh = new Uint8Array(FIRST_CAPACITY);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `receivedTime` of the latest quote; -Infinity where there is none. */
  get lastTime(): number {
    return this.#length === 0 ? -Infinity : this.#timeAt(this.#length - 1);
  }

  /** Returns false where the clock was set back: quotes from what is now the future are dropped then. */
  put(quote: Quote): boolean {
    let forwards = true;
    while (this.#length > 0 && this.lastTime > quote.receivedTime) {
      this.#length--;
      forwards = false;
    }
    if (this.#length > 0 && slotOf(this.lastTime) === slotOf(quote.receivedTime)) {
      this.#write(this.#length - 1, quote);
      return forwards;
    }
    if (this.#length === RECENT_QUOTES) this.#first = (this.#first + 1) % this.#fresh.length;
    else {
      if (this.#length === this.#fresh.length) this.#grow();
      this.#length++;
    }
    this.#write(this.#length - 1, quote);
    return forwards;
  }

  /** Quotes with `from` <= receivedTime < `to`, oldest first, at most `limit` of them. */
  between(exchange: string, symbol: string, from: number, to = Infinity, limit = RECENT_QUOTES): Quote[] {
    const quotes: Quote[] = [];
    for (let n = this.#firstAt(from); n < this.#length && quotes.length < limit; n++) {
      if (this.#timeAt(n) >= to) break;
      quotes.push(this.#read(n, exchange, symbol));
    }
    return quotes;
  }

  /** Where the first quote with this receivedTime or a later one stands. */
  #firstAt(time: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timeAt(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cell(n: number): number {
    return (this.#first + n) % this.#fresh.length;
  }

  #timeAt(n: number): number {
    return this.#numbers[this.#cell(n) * WORDS]!;
  }

  #write(n: number, quote: Quote): void {
    const cell = this.#cell(n);
    const at = cell * WORDS;
    this.#numbers[at] = quote.receivedTime;
    this.#numbers[at + 1] = quote.bid ?? NaN;
    this.#numbers[at + 2] = quote.bidSize ?? NaN;
    this.#numbers[at + 3] = quote.ask ?? NaN;
    this.#numbers[at + 4] = quote.askSize ?? NaN;
    this.#numbers[at + 5] = quote.price ?? NaN;
    this.#numbers[at + 6] = quote.exchangeTime ?? NaN;
    this.#fresh[cell] = quote.fresh ? 1 : 0;
  }

  #read(n: number, exchange: string, symbol: string): Quote {
    const cell = this.#cell(n);
    const at = cell * WORDS;
    return {
      exchange,
      symbol,
      bid: this.#number(at + 1),
      bidSize: this.#number(at + 2),
      ask: this.#number(at + 3),
      askSize: this.#number(at + 4),
      price: this.#number(at + 5),
      exchangeTime: this.#number(at + 6),
      receivedTime: this.#numbers[at]!,
      fresh: this.#fresh[cell] === 1,
    };
  }

  #number(at: number): number | null {
    const value = this.#numbers[at]!;
    return Number.isNaN(value) ? null : value;
  }

  #grow(): void {
    const capacity = Math.min(RECENT_QUOTES, this.#fresh.length * 2);
    const numbers = new Float64Array(capacity * WORDS);
    const fresh = new Uint8Array(capacity);
    for (let n = 0; n < this.#length; n++) {
      const at = this.#cell(n);
      numbers.set(this.#numbers.subarray(at * WORDS, (at + 1) * WORDS), n * WORDS);
      fresh[n] = this.#fresh[at]!;
    }
    [this.#numbers, this.#fresh, this.#first] = [numbers, fresh, 0];
  }
}

/** Which half second a time is in. */
export function slotOf(timeMs: number): number {
  return Math.floor(timeMs / SLOT_MS);
}
