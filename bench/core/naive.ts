/**
 * The same screener the plain way: quotes as objects in maps by name, and at every tick all pairs of exchanges of the
 * symbol anew. The same thresholds and fees, so it must open and close the same.
 */
import { BPS } from "../../core/domain/edge.ts";

interface NaiveQuote {
  exchange: string;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
}

interface NaiveOpportunity {
  netBps: number;
  sizeBase: number;
}

export class NaiveScreener {
  readonly #quotes = new Map<string, Map<string, NaiveQuote>>();
  readonly #open = new Map<string, NaiveOpportunity>();
  readonly #fees: ReadonlyMap<string, number>;
  readonly #minNetBps: number;
  readonly #closeBps: number;
  opened = 0;

  constructor(fees: ReadonlyMap<string, number>, minNetBps: number, hysteresisBps: number) {
    this.#fees = fees;
    this.#minNetBps = minNetBps;
    this.#closeBps = minNetBps - hysteresisBps;
  }

  get open(): number {
    return this.#open.size;
  }

  changed(symbol: string, quote: NaiveQuote): void {
    const quotes = this.#quotes.get(symbol) ?? new Map<string, NaiveQuote>();
    this.#quotes.set(symbol, quotes.set(quote.exchange, quote));
    for (const buy of quotes.values()) {
      for (const sell of quotes.values()) if (buy !== sell) this.#evaluate(symbol, buy, sell);
    }
  }

  #evaluate(symbol: string, buy: NaiveQuote, sell: NaiveQuote): void {
    const cost = buy.ask * (1 + this.#fees.get(buy.exchange)! / BPS);
    const proceeds = sell.bid * (1 - this.#fees.get(sell.exchange)! / BPS);
    const netBps = (proceeds / cost - 1) * BPS;
    const key = `${symbol}:${buy.exchange}:${sell.exchange}`;
    const open = this.#open.has(key);
    if (netBps >= (open ? this.#closeBps : this.#minNetBps)) {
      if (!open) this.opened++;
      this.#open.set(key, { netBps, sizeBase: Math.min(buy.askSize, sell.bidSize) });
    } else if (open) this.#open.delete(key);
  }
}
