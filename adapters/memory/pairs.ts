/** What is remembered of each pair and exchange, by mode: the latest quote and those of the last minutes. */
import type { Mode } from "../../core/domain/mode.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { RECENT_MS } from "../../core/ports/cache.ts";
import { RecentRing } from "./ring.ts";

const FORGET_EVERY_MS = 60_000;

export class Pair {
  readonly mode: Mode;
  readonly exchange: string;
  readonly symbol: string;
  /** Undefined where it was withdrawn. */
  latest: Quote | undefined;
  readonly recent = new RecentRing();

  constructor(mode: Mode, exchange: string, symbol: string) {
    this.mode = mode;
    this.exchange = exchange;
    this.symbol = symbol;
  }
}

/** Pairs of a class of its owner, which may keep more about each. Iterating gives all of both modes. */
export class Pairs<P extends Pair> {
  readonly #create: (mode: Mode, exchange: string, symbol: string) => P;
  readonly #modes: Record<Mode, Map<string, Map<string, P>>> = { live: new Map(), test: new Map() };
  #forgotAt = -Infinity;

  constructor(create: (mode: Mode, exchange: string, symbol: string) => P) {
    this.#create = create;
  }

  get(mode: Mode, exchange: string, symbol: string): P | undefined {
    return this.#modes[mode].get(exchange)?.get(symbol);
  }

  /** Takes a quote over. Returns its pair, made if it is new, and whether time went forwards. */
  put(mode: Mode, quote: Quote): { pair: P; forwards: boolean } {
    let symbols = this.#modes[mode].get(quote.exchange);
    if (symbols === undefined) this.#modes[mode].set(quote.exchange, symbols = new Map());
    let pair = symbols.get(quote.symbol);
    if (pair === undefined) {
      symbols.set(quote.symbol, pair = this.#create(mode, quote.exchange, quote.symbol));
    }
    pair.latest = quote;
    return { pair, forwards: pair.recent.put(quote) };
  }

  /** Now and then drops pairs without a quote now and in the last minutes: a mode that was left, a delisted pair. */
  forget(nowMs: number): void {
    if (nowMs - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = nowMs;
    for (const exchanges of Object.values(this.#modes)) {
      for (const symbols of exchanges.values()) {
        for (const [symbol, { latest, recent }] of symbols) {
          if (latest === undefined && recent.lastTime < nowMs - RECENT_MS) symbols.delete(symbol);
        }
      }
    }
  }

  *[Symbol.iterator](): Generator<P> {
    for (const exchanges of Object.values(this.#modes)) {
      for (const symbols of exchanges.values()) yield* symbols.values();
    }
  }
}
