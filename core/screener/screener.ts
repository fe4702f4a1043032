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
  readonly #settings: ScreenerSettings;
  readonly #exchanges: number;
  readonly #best: Best;
  readonly episodes: Episodes;
  readonly refused = Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>;

  constructor(table: QuoteTable, settings: ScreenerSettings, run: string) {
    this.#table = table;
    this.#settings = settings;
    this.#exchanges = table.exchanges.length;
    this.#best = new Best(table, settings.takerFeeBps);
    this.episodes = new Episodes(run);
  }

  /** The table changed at `cell`. `now` is ms since the epoch. */
  changed(cell: number, now: number): void {
    const symbol = this.#table.symbolOf(cell);
    const exchange = this.#table.exchangeOf(cell);
    this.#best.update(cell, exchange, symbol);
    const someOpen = this.episodes.hasOpen(this.#table.symbols[symbol]!);
    if (!someOpen && this.#best.edgeBps(symbol) < this.#settings.minNetBps) return;
    for (let other = 0; other < this.#exchanges; other++) {
      if (other === exchange) continue;
      const otherCell = this.#table.cell(other, symbol);
      this.#evaluate(symbol, exchange, cell, other, otherCell, now);
      this.#evaluate(symbol, other, otherCell, exchange, cell, now);
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

  #evaluate(symbol: number, buyer: number, buy: number, seller: number, sell: number, now: number): void {
    const route = this.#route(symbol, buyer, seller);
    const open = this.episodes.get(route) !== undefined;
    const { minNetBps, hysteresisBps, takerFeeBps } = this.#settings;
    const cost = costOf(this.#table.ask[buy]!, takerFeeBps[buyer]!);
    const proceeds = proceedsOf(this.#table.bid[sell]!, takerFeeBps[seller]!);
    const netBps = edgeBps(proceeds, cost);
    const priced = netBps >= (open ? minNetBps - hysteresisBps : minNetBps);
    const refusal = open || priced ? refuse(this.#table, buy, sell) : undefined;
    if (refusal !== undefined) {
      if (priced) this.refused[refusal]++;
      if (open) this.episodes.close(route, refusal, now);
    } else if (!priced) {
      if (open) this.episodes.close(route, "below_threshold", now);
    } else {
      const figures = this.#figures({
        symbol,
        buyer,
        buy,
        seller,
        sell,
        netBps,
        unitProfit: proceeds - cost,
        now,
      });
      if (open) this.episodes.update(route, figures);
      else this.episodes.open(route, figures);
    }
  }

  #figures(
    at: {
      symbol: number;
      buyer: number;
      buy: number;
      seller: number;
      sell: number;
      netBps: number;
      /** What one unit of base leaves, in quote currency. */
      unitProfit: number;
      now: number;
    },
  ): Figures {
    const buyPrice = this.#table.ask[at.buy]!;
    const sellPrice = this.#table.bid[at.sell]!;
    const sizeBase = Math.min(this.#table.askSize[at.buy]!, this.#table.bidSize[at.sell]!);
    return {
      symbol: this.#table.symbols[at.symbol]!,
      buyExchange: this.#table.exchanges[at.buyer]!,
      sellExchange: this.#table.exchanges[at.seller]!,
      buyPrice,
      sellPrice,
      sizeBase,
      notionalQuote: sizeBase * buyPrice,
      grossBps: edgeBps(sellPrice, buyPrice),
      netBps: at.netBps,
      profitQuote: sizeBase * at.unitProfit,
      updatedAt: at.now,
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
