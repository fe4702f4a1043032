/**
 * The present quote of every symbol on every exchange, in typed arrays. A cell is `exchange id × symbols + symbol id`,
 * so that a tick finds its place by one addition and a whole exchange is one run of cells.
 */
import { type PoolInfo, type PoolQuote, topOf } from "../domain/pool.ts";
import { type Quote, QuoteState } from "../domain/quote.ts";
import { Row } from "../app/channel.ts";
import type { LadderReader } from "../app/ladders.ts";

/** Who asks which cells have changed; each has a bit of its own. */
export const Asker = { cache: 1, streams: 2 } as const;
export type Asker = typeof Asker[keyof typeof Asker];
const ALL_ASKERS = Asker.cache | Asker.streams;

export class QuoteTable {
  readonly bid: Float64Array;
  readonly bidSize: Float64Array;
  readonly ask: Float64Array;
  readonly askSize: Float64Array;
  readonly price: Float64Array;
  readonly exchangeTime: Float64Array;
  readonly receivedTime: Float64Array;
  readonly state: Uint8Array;
  /** By cell, the bits of those who do not know yet that it has changed. */
  readonly #changed: Uint8Array;
  /** By exchange; undefined where it is no venue of pools. */
  readonly #ladders: (LadderReader | undefined)[];

  constructor(readonly exchanges: readonly string[], readonly symbols: readonly string[]) {
    const cells = exchanges.length * symbols.length;
    const column = () => new Float64Array(cells).fill(NaN);
    this.bid = column();
    this.bidSize = column();
    this.ask = column();
    this.askSize = column();
    this.price = column();
    this.exchangeTime = column();
    this.receivedTime = column();
    this.state = new Uint8Array(cells);
    this.#changed = new Uint8Array(cells);
    this.#ladders = exchanges.map(() => undefined);
  }

  cell(exchange: number, symbol: number): number {
    return exchange * this.symbols.length + symbol;
  }

  symbolOf(cell: number): number {
    return cell % this.symbols.length;
  }

  exchangeOf(cell: number): number {
    return Math.trunc(cell / this.symbols.length);
  }

  /** Takes a row of the channel. Returns its cell. */
  take(words: Float64Array, at: number): number {
    const cell = words[at + Row.cell]!;
    this.state[cell] = words[at + Row.state]!;
    this.bid[cell] = words[at + Row.bid]!;
    this.bidSize[cell] = words[at + Row.bidSize]!;
    this.ask[cell] = words[at + Row.ask]!;
    this.askSize[cell] = words[at + Row.askSize]!;
    this.price[cell] = words[at + Row.price]!;
    this.exchangeTime[cell] = words[at + Row.exchangeTime]!;
    this.receivedTime[cell] = words[at + Row.receivedTime]!;
    this.#changed[cell] = ALL_ASKERS;
    return cell;
  }

  /** Empties a cell. */
  withdraw(cell: number): void {
    this.state[cell] = QuoteState.withdrawn;
    this.#changed[cell] = ALL_ASKERS;
    this.bid[cell] =
      this.bidSize[cell] =
      this.ask[cell] =
      this.askSize[cell] =
        NaN;
    this.price[cell] = this.exchangeTime[cell] = this.receivedTime[cell] = NaN;
  }

  /** From now on the exchanges of these ladders are venues of pools. Returns the way to end that. */
  attach(ladders: LadderReader): () => void {
    const first = this.exchangeOf(ladders.firstCell);
    const end = this.exchangeOf(ladders.firstCell + ladders.cells);
    this.#ladders.fill(ladders, first, end);
    return () => {
      for (let id = first; id < end; id++) if (this.#ladders[id] === ladders) this.#ladders[id] = undefined;
    };
  }

  isPool(exchange: number): boolean {
    return this.#ladders[exchange] !== undefined;
  }

  /** The pool that quotes a cell, as its worker published it last, whether the quote is fresh or not. */
  pool(cell: number): PoolQuote | undefined {
    return this.#ladders[this.exchangeOf(cell)]?.pool(cell);
  }

  /**
   * The best price to sell at, whatever the size: of a pool that of its first step, which is better than what
   * its row tells. NaN where the quote is withdrawn, whatever its ladder was.
   */
  bestBid(cell: number): number {
    if (this.state[cell] === QuoteState.withdrawn) return NaN;
    return this.pool(cell)?.sell.prices[0] ?? this.bid[cell]!;
  }

  bestAsk(cell: number): number {
    if (this.state[cell] === QuoteState.withdrawn) return NaN;
    return this.pool(cell)?.buy.prices[0] ?? this.ask[cell]!;
  }

  /**
   * The quote in the open, or undefined where the cell holds none. That of a pool is what was published last:
   * the row for it may still be on its way, and prices of one block are not those of the next.
   */
  quote(cell: number): Quote | undefined {
    const state = this.state[cell];
    if (state === undefined || state === QuoteState.withdrawn) return undefined;
    const pool = this.pool(cell);
    const { bid, bidSize, ask, askSize } = pool === undefined ? this.#row(cell) : topOf(pool);
    return {
      exchange: this.exchanges[this.exchangeOf(cell)]!,
      symbol: this.symbols[this.symbolOf(cell)]!,
      bid: present(bid),
      bidSize: present(bidSize),
      ask: present(ask),
      askSize: present(askSize),
      price: present(pool === undefined ? this.price[cell]! : (bid + ask) / 2),
      exchangeTime: present(pool?.blockTime ?? this.exchangeTime[cell]!),
      receivedTime: this.receivedTime[cell]!,
      fresh: state === QuoteState.fresh,
      ...(pool && { pool: infoOf(pool) }),
    };
  }

  #row(cell: number) {
    return {
      bid: this.bid[cell]!,
      bidSize: this.bidSize[cell]!,
      ask: this.ask[cell]!,
      askSize: this.askSize[cell]!,
    };
  }

  /** The cells that changed since this was asked last by the same asker. */
  takeChanged(asker: Asker): number[] {
    const cells: number[] = [];
    const changed = this.#changed;
    for (let cell = 0; cell < changed.length; cell++) {
      if ((changed[cell]! & asker) === 0) continue;
      changed[cell]! &= ~asker;
      cells.push(cell);
    }
    return cells;
  }

  /** Quotes of a run of cells, all and fresh ones. */
  count(firstCell: number, cells: number): { quotes: number; freshQuotes: number } {
    let quotes = 0;
    let freshQuotes = 0;
    for (let cell = firstCell; cell < firstCell + cells; cell++) {
      if (this.state[cell] !== QuoteState.withdrawn) quotes++;
      if (this.state[cell] === QuoteState.fresh) freshQuotes++;
    }
    return { quotes, freshQuotes };
  }
}

function infoOf({ address, feePpm, blockNumber, blockTime }: PoolQuote): PoolInfo {
  return { address, feePpm, blockNumber, blockTime };
}

function present(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
