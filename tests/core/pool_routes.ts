/**
 * Books and pools side by side before a screener. Ladders go through the shared memory that a worker would
 * publish them into.
 */
import assert from "node:assert/strict";
import { LadderReader, LadderWriter, newLadders } from "../../core/app/ladders.ts";
import type { Ladder } from "../../core/domain/ladder.ts";
import type { OpportunityEvent } from "../../core/domain/opportunity.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";

const SYMBOLS = ["N-U", "C-U", "C-N", "C-V"];
type Step = [price: number, size: number];
type Steps = [Step, ...Step[]];

export interface Pool {
  mid: number;
  buy: Steps;
  sell: Steps;
  feePpm?: number;
  gasNative?: number;
  block?: number;
}

/**
 * Books `a` and `b`, venues of pools `p` and `q` on a chain whose coin is N; no taker fees, opens at 10,
 * closes below 8.
 */
export function bench({ minNetBps = 10, hysteresisBps = 2, takerFeeBps = [0, 0, 0, 0] } = {}) {
  const table = new QuoteTable(["a", "b", "p", "q"], SYMBOLS);
  const nativeAssets = [undefined, undefined, "N", "N"];
  const screener = new Screener(table, { minNetBps, hysteresisBps, takerFeeBps, nativeAssets }, "run");
  const memory = newLadders({ firstCell: table.cell(2, 0), cells: 2 * SYMBOLS.length });
  table.attach(new LadderReader(memory));
  const writer = new LadderWriter(memory);
  let now = 1000;
  const told = () => brief(screener.episodes.take());
  /** A row of the channel, of a book or of a pool. */
  const row = (
    exchange: string,
    symbol: string,
    bid: Step,
    ask: Step,
    state: QuoteState = QuoteState.fresh,
  ) => {
    const cell = table.cell(table.exchanges.indexOf(exchange), SYMBOLS.indexOf(symbol));
    table.state[cell] = state;
    [table.bid[cell], table.bidSize[cell]] = bid;
    [table.ask[cell], table.askSize[cell]] = ask;
    table.price[cell] = (bid[0] + ask[0]) / 2;
    screener.changed(cell, ++now);
    return told();
  };
  /** Ladders without their row: as between the two steps of a worker. */
  const publish = (exchange: "p" | "q", symbol: string, pool: Pool) => {
    const { buy, sell, mid, feePpm = 3000, gasNative = 0.01, block = 1 } = pool;
    writer.publish(table.cell(exchange === "p" ? 2 : 3, SYMBOLS.indexOf(symbol)), {
      address: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
      feePpm,
      blockNumber: block,
      blockTime: 1_790_000_000_000 + block * 12_000,
      mid,
      gasNative,
      buy: ladder(buy),
      sell: ladder(sell),
    });
  };
  const quote = (exchange: "p" | "q", symbol: string, pool: Pool, state?: QuoteState) => {
    publish(exchange, symbol, pool);
    return row(exchange, symbol, pool.sell[0], pool.buy[0], state);
  };
  const withdraw = (exchange: string) => {
    screener.withdraw(table.cell(table.exchanges.indexOf(exchange), 0), SYMBOLS.length, "worker_down", ++now);
    return told();
  };
  /** The one opportunity that is open in C. */
  const only = () => {
    const open = screener.episodes.list().filter(({ symbol }) => symbol.startsWith("C-"));
    assert.equal(open.length, 1, `${open.length} are open`);
    return open[0]!;
  };
  return { table, screener, publish, quote, row, withdraw, only, refused: screener.refused };
}

function ladder(steps: Steps): Ladder {
  return {
    prices: steps.map(([price]) => price),
    sizes: steps.map(([, size]) => size),
    length: steps.length,
  };
}

function brief(events: readonly OpportunityEvent[]): string[] {
  return events.map(({ kind, opportunity: one }) => {
    const route = `${one.symbol} ${one.buyExchange}>${one.sellExchange}`;
    return kind === "closed" ? `closed ${route} ${one.reason}` : `${kind} ${route}`;
  });
}

export const about = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what} is ${actual}`);

/** Middle 1000, fee 0.3 %: buying begins a little above 1003, selling a little below 997. */
export const POOL: Pool = {
  mid: 1000,
  buy: [[1004, 1], [1005, 1], [1006, 1], [1007, 1]],
  sell: [[996, 1], [995, 1], [994, 1], [993, 1]],
};
/** N is worth 100 U: the gas of a swap is 1 U. */
export function priced(options?: Parameters<typeof bench>[0]) {
  const one = bench(options);
  one.row("a", "N-U", [99, 1], [101, 1]);
  return one;
}
