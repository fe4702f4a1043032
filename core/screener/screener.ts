/**
 * The screener: a changed quote in, opportunities opened, updated and closed.
 *
 * Its way for each tick: the best of the symbol is brought up to date; where it falls short of the threshold and
 * nothing of the symbol is open, that is all. Else the routes that touch the changed exchange are evaluated, each
 * through the gates.
 */
import { costOf, edgeBps, proceedsOf } from "../domain/edge.ts";
import type { CloseReason } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { Best } from "./best.ts";
import { Episodes, type Figures } from "./episodes.ts";
import { type Refusal, REFUSALS, refuse } from "./gates.ts";
import type { QuoteTable } from "./quote_table.ts";

/** An edge of exactly the threshold computes to a little less as often as not: 100 → 100.05 is 4.9999999999994 bps. */
const ROUNDING_BPS = 1e-9;

export interface ScreenerSettings {
  /** An opportunity opens at this net edge. */
  minNetBps: number;
  /** It closes when its net edge falls this far below. */
  hysteresisBps: number;
  /** Taker fee by exchange id. */
  takerFeeBps: readonly number[];
}

export class Screener {
  readonly #table: QuoteTable;
  readonly #takerFeeBps: readonly number[];
  /** Net edges in basis points at which a route opens, and below which it closes. */
  readonly #opensAt: number;
  readonly #closesBelow: number;
  readonly #exchanges: number;
  readonly #best: Best;
  readonly episodes: Episodes;
  readonly refused = Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>;

  constructor(table: QuoteTable, settings: ScreenerSettings, run: string) {
    this.#table = table;
    this.#takerFeeBps = settings.takerFeeBps;
    this.#opensAt = settings.minNetBps - ROUNDING_BPS;
    this.#closesBelow = this.#opensAt - settings.hysteresisBps;
    this.#exchanges = table.exchanges.length;
    this.#best = new Best(table, settings.takerFeeBps);
    this.episodes = new Episodes(run);
  }

  /** The table changed at `cell`. `now` is ms since the epoch. */
  changed(cell: number, now: number): void {
    const symbol = this.#table.symbolOf(cell);
    const exchange = this.#table.exchangeOf(cell);
    this.#best.update(cell, exchange, symbol);
    if (!this.#matters(cell, symbol)) return;
    for (let other = 0; other < this.#exchanges; other++) {
      if (other === exchange) continue;
      this.#evaluate(symbol, exchange, other, now);
      this.#evaluate(symbol, other, exchange, now);
    }
  }

  /** Takes the quotes of a run of cells out of the table and closes what rested on them. */
  withdraw(firstCell: number, cells: number, reason: CloseReason, now: number): void {
    for (let cell = firstCell; cell < firstCell + cells; cell++) {
      if (this.#table.state[cell] === QuoteState.withdrawn) continue;
      this.#closeAt(cell, reason, now);
      this.#table.withdraw(cell);
      this.changed(cell, now);
    }
  }

  /** False where no route of the symbol can open, close or be refused by this change. Almost always. */
  #matters(cell: number, symbol: number): boolean {
    if (this.#best.edgeBps(symbol) >= this.#opensAt) return true;
    // A quote that goes stale has left the best already: its routes are looked at once more, to count what is refused.
    if (this.#table.state[cell] === QuoteState.stale) return true;
    return this.episodes.hasOpen(this.#table.symbols[symbol]!);
  }

  #evaluate(symbol: number, buyer: number, seller: number, now: number): void {
    const buy = this.#table.cell(buyer, symbol);
    const sell = this.#table.cell(seller, symbol);
    const route = this.#route(symbol, buyer, seller);
    const open = this.episodes.get(route) !== undefined;
    const cost = costOf(this.#table.ask[buy]!, this.#takerFeeBps[buyer]!);
    const proceeds = proceedsOf(this.#table.bid[sell]!, this.#takerFeeBps[seller]!);
    const priced = edgeBps(proceeds, cost) >= (open ? this.#closesBelow : this.#opensAt);
    const refusal = open || priced ? refuse(this.#table, buy, sell) : undefined;
    if (refusal !== undefined) {
      if (priced) this.refused[refusal]++;
      if (open) this.episodes.close(route, refusal, now);
    } else if (!priced) {
      if (open) this.episodes.close(route, "below_threshold", now);
    } else {
      const figures = this.#figures(symbol, buyer, seller, proceeds, cost, now);
      if (open) this.episodes.update(route, figures);
      else this.episodes.open(route, figures);
    }
  }

  /** `proceeds` and `cost` are net of fees, per unit of base. */
  #figures(
    symbol: number,
    buyer: number,
    seller: number,
    proceeds: number,
    cost: number,
    now: number,
  ): Figures {
    const buy = this.#table.cell(buyer, symbol);
    const sell = this.#table.cell(seller, symbol);
    const buyPrice = this.#table.ask[buy]!;
    const sellPrice = this.#table.bid[sell]!;
    const sizeBase = Math.min(this.#table.askSize[buy]!, this.#table.bidSize[sell]!);
    return {
      symbol: this.#table.symbols[symbol]!,
      buyExchange: this.#table.exchanges[buyer]!,
      sellExchange: this.#table.exchanges[seller]!,
      buyPrice,
      sellPrice,
      sizeBase,
      notionalQuote: sizeBase * buyPrice,
      grossBps: edgeBps(sellPrice, buyPrice),
      netBps: edgeBps(proceeds, cost),
      feesQuote: sizeBase * (cost - buyPrice + sellPrice - proceeds),
      impactQuote: 0,
      gasQuote: 0,
      profitQuote: sizeBase * (proceeds - cost),
      updatedAt: now,
    };
  }

  #closeAt(cell: number, reason: CloseReason, now: number): void {
    const symbol = this.#table.symbolOf(cell);
    if (!this.episodes.hasOpen(this.#table.symbols[symbol]!)) return;
    const exchange = this.#table.exchangeOf(cell);
    for (let other = 0; other < this.#exchanges; other++) {
      this.episodes.close(this.#route(symbol, exchange, other), reason, now);
      this.episodes.close(this.#route(symbol, other, exchange), reason, now);
    }
  }

  #route(symbol: number, buyer: number, seller: number): number {
    return (symbol * this.#exchanges + buyer) * this.#exchanges + seller;
  }
}
