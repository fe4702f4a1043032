/**
 * What gas costs: the chain asks for its native coin, a route is in the quote currency of its symbol. The
 * price of the one in the other comes from the quotes that we have anyway: the median of the fresh ones, so
 * that no single venue decides.
 */
import type { PoolQuote } from "../domain/pool.ts";
import { isPrice, QuoteState } from "../domain/quote.ts";
import type { QuoteTable } from "./quote_table.ts";

/** In place of the symbol that has the price: the quote currency is the native coin; nothing that we watch has it. */
const SAME = -1;
const NOWHERE = -2;

const NONE: readonly number[] = [];

export class Gas {
  readonly #table: QuoteTable;
  /** The symbol that has the price of the native coin, by cell of a pool; NOWHERE for books. */
  readonly #source: Int32Array;
  /** The cells whose gas a symbol prices; undefined for symbols that price none. */
  readonly #dependents: (number[] | undefined)[];
  /** Cells of such symbols that are fresh and have a price, and how many of them each symbol has. */
  readonly #counts: Uint8Array;
  readonly #counted: Int32Array;
  /** Prices of such symbols; NaN where one has to be worked out anew. */
  readonly #price: Float64Array;
  readonly #mids: Float64Array;

  /** `nativeAssets`: what gas is paid in, by exchange id; undefined where it is no venue of pools. */
  constructor(table: QuoteTable, nativeAssets: readonly (string | undefined)[]) {
    const { exchanges, symbols } = table;
    const cells = exchanges.length * symbols.length;
    this.#table = table;
    this.#source = new Int32Array(cells).fill(NOWHERE);
    this.#dependents = symbols.map(() => undefined);
    this.#counts = new Uint8Array(cells);
    this.#counted = new Int32Array(symbols.length);
    this.#price = new Float64Array(symbols.length).fill(NaN);
    this.#mids = new Float64Array(exchanges.length);
    for (let cell = 0; cell < cells; cell++) {
      const native = nativeAssets[table.exchangeOf(cell)];
      if (native === undefined) continue;
      const symbol = symbols[table.symbolOf(cell)]!;
      const quote = symbol.slice(symbol.indexOf("-") + 1);
      const at = symbols.indexOf(`${native}-${quote}`);
      if (at >= 0) (this.#dependents[at] ??= []).push(cell);
      this.#source[cell] = quote === native ? SAME : at < 0 ? NOWHERE : at;
    }
  }

  /** What the gas of a swap at a pool costs now, in quote currency of its cell; NaN where that is not known. */
  costQuote(cell: number, pool: PoolQuote): number {
    const source = this.#source[cell]!;
    const price = source === SAME ? 1 : source === NOWHERE ? NaN : this.#priceOf(source);
    const cost = pool.gasNative * price;
    return cost >= 0 && cost < Infinity ? cost : NaN;
  }

  /**
   * The table changed at `cell`. Returns the cells for which gas is known now and was not before, or the
   * other way round.
   */
  changed(cell: number, symbol: number): readonly number[] {
    const dependents = this.#dependents[symbol];
    if (dependents === undefined) return NONE;
    this.#price[symbol] = NaN;
    const counts = Number(this.#hasPrice(cell));
    const before = this.#counted[symbol]!;
    const after = before + counts - this.#counts[cell]!;
    this.#counts[cell] = counts;
    this.#counted[symbol] = after;
    return (before === 0) === (after === 0) ? NONE : dependents;
  }

  #hasPrice(cell: number): boolean {
    return this.#table.state[cell] === QuoteState.fresh && isPrice(this.#table.price[cell]!);
  }

  /** Median of the fresh prices of a symbol, NaN where there is none. */
  #priceOf(symbol: number): number {
    const known = this.#price[symbol]!;
    if (!Number.isNaN(known)) return known;
    let count = 0;
    for (let cell = symbol; cell < this.#counts.length; cell += this.#table.symbols.length) {
      if (this.#hasPrice(cell)) this.#mids[count++] = this.#table.price[cell]!;
    }
    const mids = this.#mids.subarray(0, count).sort();
    return this.#price[symbol] = (mids[(count - 1) >> 1]! + mids[count >> 1]!) / 2;
  }
}
