/** The part of the market that the hubs of streams look at, moved by hand. */
import type { Market, QuoteChange } from "../../core/app/market.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { CloseReason, Opportunity, OpportunityEvent } from "../../core/domain/opportunity.ts";
import type { Quote } from "../../core/domain/quote.ts";

const START = 1_790_000_000_000;

const example: Opportunity = {
  id: "",
  symbol: "BTC-USDT",
  buyExchange: "bybit",
  sellExchange: "okx",
  buyPrice: 100,
  sellPrice: 101,
  sizeBase: 1,
  notionalQuote: 100,
  grossBps: 100,
  netBps: 0,
  feesQuote: 0.2,
  impactQuote: 0,
  gasQuote: 0,
  profitQuote: 0.8,
  openedAt: START,
  updatedAt: START,
};

export class ScriptedMarket {
  mode: Mode = "test";
  sequence = 0;
  readonly symbols = ["BTC-USDT", "ETH-USDT"];
  readonly open = new Map<string, Opportunity>();
  /** By exchange and symbol. */
  readonly #quotes = new Map<string, Quote>();
  readonly #changed = new Map<string, QuoteChange>();
  #listener: ((events: readonly OpportunityEvent[]) => void) | undefined;

  get asMarket(): Market {
    return this as unknown as Market;
  }

  opportunities(): Opportunity[] {
    return [...this.open.values()];
  }

  subscribe(listener: (events: readonly OpportunityEvent[]) => void): () => void {
    this.#listener = listener;
    return () => this.#listener = undefined;
  }

  get subscribed(): boolean {
    return this.#listener !== undefined;
  }

  put(id: string, netBps: number, more: Partial<Opportunity> = {}): void {
    const opportunity = { ...example, id, netBps, ...more };
    this.open.set(id, opportunity);
    this.#listener?.([{ sequence: ++this.sequence, kind: "opportunity", opportunity }]);
  }

  close(id: string, reason: CloseReason = "below_threshold"): void {
    const opportunity = { ...this.open.get(id)!, closedAt: START, reason };
    this.open.delete(id);
    this.#listener?.([{ sequence: ++this.sequence, kind: "closed", opportunity }]);
  }

  quote(exchange: string, symbol: string, bid: number): void {
    const quote: Quote = {
      exchange,
      symbol,
      bid,
      bidSize: 1,
      ask: bid + 1,
      askSize: 1,
      price: bid + 0.5,
      exchangeTime: null,
      receivedTime: START,
      fresh: true,
    };
    this.#quotes.set(`${exchange} ${symbol}`, quote);
    this.#changed.set(`${exchange} ${symbol}`, { exchange, symbol, quote });
  }

  withdraw(exchange: string, symbol: string): void {
    this.#quotes.delete(`${exchange} ${symbol}`);
    this.#changed.set(`${exchange} ${symbol}`, { exchange, symbol, quote: undefined });
  }

  /** Another mode, in which nothing is known yet: everything of the one before is gone. */
  switchMode(): void {
    for (const id of [...this.open.keys()]) this.close(id, "mode_switch");
    for (const { exchange, symbol } of [...this.#quotes.values()]) this.withdraw(exchange, symbol);
    this.mode = this.mode === "test" ? "live" : "test";
  }

  quotes(symbol: string): Quote[] {
    return [...this.#quotes.values()].filter((quote) => quote.symbol === symbol);
  }

  quoteChanges(): QuoteChange[] {
    const changes = [...this.#changed.values()];
    this.#changed.clear();
    return changes;
  }
}
