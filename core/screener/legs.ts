/**
 * The legs of a route: a book is a ladder of one step, its top, with the venue's taker fee; a pool is the
 * ladder that its worker published, and costs gas. A leg is an object that is used again for each evaluation.
 */
import type { Ladder } from "../domain/ladder.ts";
import { QuoteState } from "../domain/quote.ts";
import type { Leg } from "./fill.ts";
import type { Gas } from "./gas.ts";
import type { QuoteTable } from "./quote_table.ts";

const EMPTY: Ladder = { prices: new Float64Array(0), sizes: new Float64Array(0), length: 0 };

export class RouteLeg implements Leg {
  readonly #side: "buy" | "sell";
  readonly #top = { prices: new Float64Array(1), sizes: new Float64Array(1), length: 1 };
  exchange = "";
  state: QuoteState = QuoteState.withdrawn;
  ladder: Ladder = EMPTY;
  takerFeeBps = 0;
  /** NaN where it is not known. */
  fixedCostQuote = 0;
  /** Price before any size and any fee: the top of a book, the middle of a pool. */
  mid = NaN;
  /** The share of what goes in that a pool keeps. */
  keeps = 0;

  constructor(side: "buy" | "sell") {
    this.#side = side;
  }

  /**
   * Takes over a cell. Of a pool that is the ladder as it stands, which may be newer than the row in the
   * table: that row is on its way, and says whether the ladder holds.
   */
  take(table: QuoteTable, gas: Gas, cell: number, exchange: number, takerFeeBps: number): void {
    this.exchange = table.exchanges[exchange]!;
    this.state = table.state[cell] as QuoteState;
    this.takerFeeBps = takerFeeBps;
    if (table.isPool(exchange)) {
      const pool = table.pool(cell);
      this.ladder = pool?.[this.#side] ?? EMPTY;
      this.mid = pool?.mid ?? NaN;
      this.keeps = (pool?.feePpm ?? 0) / 1e6;
      this.fixedCostQuote = pool === undefined ? NaN : gas.costQuote(cell, pool);
    } else {
      const top = this.#top;
      this.ladder = top;
      this.mid = top.prices[0] = (this.#side === "buy" ? table.ask : table.bid)[cell]!;
      top.sizes[0] = (this.#side === "buy" ? table.askSize : table.bidSize)[cell]!;
      this.keeps = 0;
      this.fixedCostQuote = 0;
    }
  }

  /** Mean price over a fill that costs or brings `quote`. */
  meanPrice(quote: number, sizeBase: number): number {
    // The price itself, not what is left of it after rounding.
    return this.ladder.length === 1 ? this.ladder.prices[0]! : quote / sizeBase;
  }
}
