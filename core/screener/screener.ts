/**
 * The screener: a changed quote in, opportunities opened, updated and closed.
 *
 * Its way for each tick: the best of the symbol is brought up to date; where it falls short of the threshold and
 * nothing of the symbol is open, that is all. Else the routes that touch the changed exchange are evaluated, each
 * through the gates, and at the size that leaves the most.
 *
 * What decides early are the best prices, whatever the size. No route is better than they say: of a ladder
 * all later steps are worse than the first, and gas only takes away. A ladder may be newer than its row; then
 * that row comes next, and the route is looked at again.
 */
import { costOf, edgeBps, proceedsOf } from "../domain/edge.ts";
import type { CloseReason } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { Best } from "./best.ts";
import { Episodes } from "./episodes.ts";
import { figuresOf } from "./figures.ts";
import { bestFill, ROUNDING_BPS } from "./fill.ts";
import { Gas } from "./gas.ts";
import { type Refusal, REFUSALS, refuse } from "./gates.ts";
import { RouteLeg } from "./legs.ts";
import type { QuoteTable } from "./quote_table.ts";

export interface ScreenerSettings {
  /** An opportunity opens at this net edge. */
  minNetBps: number;
  /** It closes when its net edge falls this far below. */
  hysteresisBps: number;
  /** Taker fee by exchange id. */
  takerFeeBps: readonly number[];
  /** What gas is paid in, by exchange id; undefined for exchanges that are no venues of pools. */
  nativeAssets?: readonly (string | undefined)[];
}

export class Screener {
  readonly #table: QuoteTable;
  readonly #takerFeeBps: readonly number[];
  /** Net edges in basis points at which a route opens, and below which it closes. */
  readonly #opensAt: number;
  readonly #closesBelow: number;
  readonly #exchanges: number;
  readonly #best: Best;
  readonly #gas: Gas;
  /** Of the route that is evaluated. */
  readonly #buy = new RouteLeg("buy");
  readonly #sell = new RouteLeg("sell");
  readonly episodes: Episodes;
  readonly refused = Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>;

  constructor(table: QuoteTable, settings: ScreenerSettings, run: string) {
    this.#table = table;
    this.#takerFeeBps = settings.takerFeeBps;
    this.#opensAt = settings.minNetBps;
    this.#closesBelow = this.#opensAt - settings.hysteresisBps;
    this.#exchanges = table.exchanges.length;
    this.#best = new Best(table, settings.takerFeeBps);
    this.#gas = new Gas(table, settings.nativeAssets ?? []);
    this.episodes = new Episodes(run);
  }

  /** The table changed at `cell`. `now` is ms since the epoch. */
  changed(cell: number, now: number): void {
    const symbol = this.#table.symbolOf(cell);
    const exchange = this.#table.exchangeOf(cell);
    this.#best.update(cell, exchange, symbol);
    const gasChanged = this.#gas.changed(cell, symbol);
    if (this.#matters(cell, symbol)) this.#look(exchange, symbol, now);
    if (gasChanged.length > 0) this.#lookAtAll(gasChanged, now);
  }

  /** Takes the quotes of a run of cells out of the table and closes what rested on them. */
  withdraw(firstCell: number, cells: number, reason: CloseReason, now: number): void {
    const withdrawn: number[] = [];
    for (let cell = firstCell; cell < firstCell + cells; cell++) {
      if (this.#table.state[cell] === QuoteState.withdrawn) continue;
      this.#closeAt(cell, reason, now);
      this.#table.withdraw(cell);
      withdrawn.push(cell);
    }
    // Only now, since what one cell leaves behind, a price of gas for example, may concern others of them.
    for (const cell of withdrawn) this.changed(cell, now);
  }

  /** False where no route of the symbol can open, close or be refused by this change. Almost always. */
  #matters(cell: number, symbol: number): boolean {
    if (this.#best.edgeBps(symbol) >= this.#opensAt - ROUNDING_BPS) return true;
    // A quote that goes stale has left the best already: its routes are looked at once more, to count what is refused.
    if (this.#table.state[cell] === QuoteState.stale) return true;
    return this.episodes.hasOpen(this.#table.symbols[symbol]!);
  }

  #lookAtAll(cells: readonly number[], now: number): void {
    for (const cell of cells) {
      const symbol = this.#table.symbolOf(cell);
      if (this.#matters(cell, symbol)) this.#look(this.#table.exchangeOf(cell), symbol, now);
    }
  }

  /** Evaluates the routes of a symbol that touch an exchange. */
  #look(exchange: number, symbol: number, now: number): void {
    for (let other = 0; other < this.#exchanges; other++) {
      if (other === exchange) continue;
      this.#evaluate(symbol, exchange, other, now);
      this.#evaluate(symbol, other, exchange, now);
    }
  }

  #evaluate(symbol: number, buyer: number, seller: number, now: number): void {
    const buy = this.#table.cell(buyer, symbol);
    const sell = this.#table.cell(seller, symbol);
    const route = this.#route(symbol, buyer, seller);
    const open = this.episodes.get(route) !== undefined;
    const cost = costOf(this.#table.bestAsk(buy), this.#takerFeeBps[buyer]!);
    const proceeds = proceedsOf(this.#table.bestBid(sell), this.#takerFeeBps[seller]!);
    const least = open ? this.#closesBelow : this.#opensAt;
    const priced = edgeBps(proceeds, cost) >= least - ROUNDING_BPS;
    if (!open && !priced) return;
    this.#buy.take(this.#table, this.#gas, buy, buyer, this.#takerFeeBps[buyer]!);
    this.#sell.take(this.#table, this.#gas, sell, seller, this.#takerFeeBps[seller]!);
    const refusal = refuse(this.#buy, this.#sell);
    if (refusal !== undefined) {
      if (priced) this.refused[refusal]++;
      if (open) this.episodes.close(route, refusal, now);
      return;
    }
    let fill = bestFill(this.#buy, this.#sell, this.#opensAt);
    // One that is open is kept below the threshold only where nothing is to be had at it.
    if (fill === undefined && open) fill = bestFill(this.#buy, this.#sell, this.#closesBelow);
    if (fill === undefined) {
      if (open) this.episodes.close(route, "below_threshold", now);
      return;
    }
    const figures = figuresOf(this.#table.symbols[symbol]!, fill, this.#buy, this.#sell, now);
    if (open) this.episodes.update(route, figures);
    else this.episodes.open(route, figures);
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
