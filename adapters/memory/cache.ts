/** The price cache in memory: the default, for one process and as long as it lives. */
import type { Mode } from "../../core/domain/mode.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { type CacheStatus, type PriceCache, RECENT_MS } from "../../core/ports/cache.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Pair, Pairs } from "./pairs.ts";

export class MemoryCache implements PriceCache {
  readonly #clock: Clock;
  readonly #error: string | null;
  readonly #pairs = new Pairs((mode, exchange, symbol) => new Pair(mode, exchange, symbol));
  #written = 0;

  /** `error`: why it is memory though something else was wanted. */
  constructor(clock: Clock, error: string | null = null) {
    this.#clock = clock;
    this.#error = error;
  }

  put(mode: Mode, quotes: readonly Quote[]): void {
    for (const quote of quotes) this.#pairs.put(mode, quote);
    this.#written += quotes.length;
    this.#pairs.forget(this.#clock.now());
  }

  remove(mode: Mode, pairs: readonly { exchange: string; symbol: string }[]): void {
    for (const { exchange, symbol } of pairs) {
      const pair = this.#pairs.get(mode, exchange, symbol);
      if (pair !== undefined) pair.latest = undefined;
    }
  }

  latest(mode: Mode, exchange: string, symbol: string): Promise<Quote | undefined> {
    return Promise.resolve(this.#pairs.get(mode, exchange, symbol)?.latest);
  }

  recent(mode: Mode, exchange: string, symbol: string, since: number): Promise<Quote[]> {
    const from = Math.max(since, this.#clock.now() - RECENT_MS);
    return Promise.resolve(
      this.#pairs.get(mode, exchange, symbol)?.recent.between(exchange, symbol, from) ?? [],
    );
  }

  status(): CacheStatus {
    return {
      kind: "memory",
      url: "memory:",
      state: this.#error === null ? "ok" : "fallback",
      pending: 0,
      lagMs: null,
      written: this.#written,
      conflated: 0,
      error: this.#error,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
