/**
 * The best bid and the best ask of each symbol over all exchanges, net of the taker fee, kept up to date tick by tick.
 *
 * Almost every tick ends here: when even the best proceeds against the best cost fall short of the threshold, no
 * route of the symbol can open. Only when the holder of a best gets worse are the other exchanges looked at again.
 */
import { costOf, edgeBps, proceedsOf } from "../domain/edge.ts";
import { QuoteState } from "../domain/quote.ts";
import type { QuoteTable } from "./quote_table.ts";

const NOBODY = -1;

export class Best {
  readonly #table: QuoteTable;
  readonly #exchanges: number;
  /** Net of fees, in quote currency per base, by cell; 0 and Infinity where there is no fresh quote. */
  readonly #proceeds: Float64Array;
  readonly #cost: Float64Array;
  readonly #buyFactor: Float64Array;
  readonly #sellFactor: Float64Array;
  /** Exchange ids, by symbol. */
  readonly #seller: Int32Array;
  readonly #buyer: Int32Array;

  constructor(table: QuoteTable, takerFeeBps: readonly number[]) {
    const cells = table.state.length;
    this.#table = table;
    this.#exchanges = table.exchanges.length;
    this.#proceeds = new Float64Array(cells);
    this.#cost = new Float64Array(cells).fill(Infinity);
    this.#buyFactor = Float64Array.from(takerFeeBps, (fee) => costOf(1, fee));
    this.#sellFactor = Float64Array.from(takerFeeBps, (fee) => proceedsOf(1, fee));
    this.#seller = new Int32Array(table.symbols.length).fill(NOBODY);
    this.#buyer = new Int32Array(table.symbols.length).fill(NOBODY);
  }

  /** Takes over what the table holds in a cell. */
  update(cell: number, exchange: number, symbol: number): void {
    const fresh = this.#table.state[cell] === QuoteState.fresh;
    const bid = this.#table.bestBid(cell);
    const ask = this.#table.bestAsk(cell);
    const proceeds = fresh && bid > 0 ? bid * this.#sellFactor[exchange]! : 0;
    const cost = fresh && ask > 0 ? ask * this.#buyFactor[exchange]! : Infinity;
    const worseBid = proceeds < this.#proceeds[cell]!;
    const worseAsk = cost > this.#cost[cell]!;
    this.#proceeds[cell] = proceeds;
    this.#cost[cell] = cost;

    const seller = this.#seller[symbol]!;
    if (seller === exchange && worseBid) this.#findSeller(symbol);
    else if (seller === NOBODY ? proceeds > 0 : proceeds > this.#proceeds[this.#cellOf(seller, symbol)]!) {
      this.#seller[symbol] = exchange;
    }
    const buyer = this.#buyer[symbol]!;
    if (buyer === exchange && worseAsk) this.#findBuyer(symbol);
    else if (buyer === NOBODY ? cost < Infinity : cost < this.#cost[this.#cellOf(buyer, symbol)]!) {
      this.#buyer[symbol] = exchange;
    }
  }

  /**
   * Net edge in basis points of selling at the best bid what was bought at the best ask; -Infinity where a side is
   * missing. No route of the symbol is better. (Both ends may be the same exchange: then every route is worse.)
   */
  edgeBps(symbol: number): number {
    const seller = this.#seller[symbol]!;
    const buyer = this.#buyer[symbol]!;
    if (seller === NOBODY || buyer === NOBODY) return -Infinity;
    return edgeBps(this.#proceeds[this.#cellOf(seller, symbol)]!, this.#cost[this.#cellOf(buyer, symbol)]!);
  }

  #cellOf(exchange: number, symbol: number): number {
    return exchange * this.#table.symbols.length + symbol;
  }

  #findSeller(symbol: number): void {
    let best = 0;
    let holder = NOBODY;
    for (let exchange = 0; exchange < this.#exchanges; exchange++) {
      const proceeds = this.#proceeds[this.#cellOf(exchange, symbol)]!;
      if (proceeds > best) {
        best = proceeds;
        holder = exchange;
      }
    }
    this.#seller[symbol] = holder;
  }

  #findBuyer(symbol: number): void {
    let best = Infinity;
    let holder = NOBODY;
    for (let exchange = 0; exchange < this.#exchanges; exchange++) {
      const cost = this.#cost[this.#cellOf(exchange, symbol)]!;
      if (cost < best) {
        best = cost;
        holder = exchange;
      }
    }
    this.#buyer[symbol] = holder;
  }
}
