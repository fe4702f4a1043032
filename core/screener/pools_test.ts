/** Routes between books and pools. Ladders go through the shared memory that a worker would publish them into. */
import assert from "node:assert/strict";
import { LadderReader, LadderWriter, newLadders } from "../app/ladders.ts";
import type { Ladder } from "../domain/ladder.ts";
import type { OpportunityEvent } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { QuoteTable } from "./quote_table.ts";
import { Screener } from "./screener.ts";

const SYMBOLS = ["N-U", "C-U", "C-N", "C-V"];
type Step = [price: number, size: number];
type Steps = [Step, ...Step[]];

interface Pool {
  mid: number;
  buy: Steps;
  sell: Steps;
  feePpm?: number;
  gasNative?: number;
  block?: number;
}

/** Books `a` and `b`, venues of pools `p` and `q` on a chain whose coin is N; no taker fees, opens at 10, closes below 8. */
function bench({ minNetBps = 10, hysteresisBps = 2, takerFeeBps = [0, 0, 0, 0] } = {}) {
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

const about = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what} is ${actual}`);

/** Middle 1000, fee 0.3 %: buying begins a little above 1003, selling a little below 997. */
const POOL: Pool = {
  mid: 1000,
  buy: [[1004, 1], [1005, 1], [1006, 1], [1007, 1]],
  sell: [[996, 1], [995, 1], [994, 1], [993, 1]],
};
/** N is worth 100 U: the gas of a swap is 1 U. */
function priced(options?: Parameters<typeof bench>[0]) {
  const one = bench(options);
  one.row("a", "N-U", [99, 1], [101, 1]);
  return one;
}

Deno.test("pool against book: bought along the ladder as far as the book pays for it, figures by hand", () => {
  const { quote, row, only } = priced({ takerFeeBps: [10, 10, 0, 0] });
  quote("p", "C-U", POOL);
  // 10 bps of 1008.5 are left to the venue: a unit brings 1007.4915, so the step at 1007 is the last that could pay.
  assert.deepEqual(row("b", "C-U", [1008.5, 3], [1010, 1]), ["opportunity C-U p>b"]);
  const one = only();
  assert.equal(one.sizeBase, 3, "no more than the book takes");
  about(one.buyPrice, 1005, "Price of the pool");
  assert.equal(one.sellPrice, 1008.5);
  about(one.notionalQuote, 3015, "Notional");
  about(one.grossBps, 3 * 8.5 / 3015 * 1e4, "Gross");
  // 10 bps of 3 × 1008.5, and 0.3 % of the 3015 that go into the pool.
  about(one.feesQuote, 3.0255 + 9.045, "Fees");
  assert.equal(one.gasQuote, 1);
  about(one.impactQuote, 3015 - 9.045 - 3000, "Impact");
  about(one.profitQuote, 3 * 1007.4915 - 3015 - 1, "Profit");
  about(one.netBps, one.profitQuote / 3015 * 1e4, "Net");
  about(3 * 8.5 - one.feesQuote - one.impactQuote - one.gasQuote, one.profitQuote, "What is left of gross");
});

Deno.test("book against pool: sold along the ladder, and what the pool keeps of base counts at its middle", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  assert.deepEqual(row("b", "C-U", [980, 1], [991, 2.5]), ["opportunity C-U b>p"]);
  const one = only();
  assert.equal(one.sizeBase, 2.5);
  about(one.sellPrice, (996 + 995 + 0.5 * 994) / 2.5, "Price of the pool");
  about(one.feesQuote, 0.003 * 2.5 * 1000, "Fee");
  about(one.impactQuote, 2.5 * 1000 * 0.997 - 2.5 * one.sellPrice, "Impact");
  about(one.profitQuote, 2.5 * one.sellPrice - 2.5 * 991 - 1, "Profit");
  about(one.grossBps, 2.5 * 9 / (2.5 * 991) * 1e4, "Gross");
});

Deno.test("size ends where the impact eats what a unit brings", () => {
  const { quote, row, only } = priced({ minNetBps: 0 });
  quote("p", "C-U", POOL);
  row("b", "C-U", [1005.5, 100], [1010, 1]);
  const { sizeBase, profitQuote } = only();
  assert.equal(sizeBase, 2);
  about(profitQuote, 1.5 + 0.5 - 1, "Profit");
});

Deno.test("gas that a small size cannot bear is no opportunity, and becomes one when the book gets deeper", () => {
  const { quote, row, only, refused } = priced();
  quote("p", "C-U", POOL);
  // 4 a unit are left of 1004: 0.2 of it do not pay for a gas of 1.
  assert.deepEqual(row("b", "C-U", [1008, 0.2], [1010, 1]), []);
  assert.deepEqual(refused, { leg_withdrawn: 0, leg_stale: 0, size_unknown: 0, gas_unknown: 0 });
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), ["opportunity C-U p>b"]);
  about(only().profitQuote, 3, "Profit");
});

Deno.test("gas eats the edge of one that is open: it closes", () => {
  const { quote, row } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.02 }), ["opportunity C-U p>b"]);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.05 }), ["closed C-U p>b below_threshold"]);
});

Deno.test("dearer gas alone is told, at the same prices and the same size", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  const before = { ...only() };
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.0125 }), ["opportunity C-U p>b"]);
  assert.deepEqual([only().sizeBase, only().buyPrice], [before.sizeBase, before.buyPrice]);
  assert.deepEqual([before.gasQuote, only().gasQuote], [1, 1.25]);
  assert.ok(only().profitQuote < before.profitQuote);
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: 0.0125 }), []);
});

Deno.test("pool against pool pays the gas of both, and keeps the fee of both", () => {
  const { quote, only } = priced();
  quote("p", "C-U", POOL);
  const high: Pool = { mid: 1020, feePpm: 500, buy: [[1021, 9]], sell: [[1019, 2]], gasNative: 0.03 };
  assert.deepEqual(quote("q", "C-U", high), ["opportunity C-U p>q"]);
  const one = only();
  assert.equal(one.sizeBase, 2);
  assert.equal(one.gasQuote, 4);
  about(one.feesQuote, 0.003 * 2009 + 0.0005 * 2 * 1020, "Fees");
  about(one.impactQuote, (2009 * 0.997 - 2000) + (2040 * 0.9995 - 2038), "Impact");
  about(one.profitQuote, 2038 - 2009 - 4, "Profit");
});

Deno.test("route is refused where nothing says what gas costs, counted, and opens with the price of the coin", () => {
  const { quote, row, only, refused } = bench();
  quote("p", "C-U", POOL);
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), []);
  assert.equal(refused.gas_unknown, 1);
  assert.deepEqual(row("a", "N-U", [99, 1], [101, 1]), ["opportunity C-U p>b"]);
  assert.equal(only().gasQuote, 1);
  // What the swap takes may be what is missing.
  assert.deepEqual(quote("p", "C-U", { ...POOL, gasNative: NaN }), ["closed C-U p>b gas_unknown"]);
  assert.deepEqual(quote("p", "C-U", POOL), ["opportunity C-U p>b"]);
});

for (const [what, state] of [["stale", QuoteState.stale], ["withdrawn", QuoteState.withdrawn]] as const) {
  Deno.test(`last price of the coin goes ${what}: what pays gas in it closes at once, books among themselves stay`, () => {
    const { quote, row } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    assert.deepEqual(row("a", "C-U", [900, 1], [1000, 1]), ["opportunity C-U a>b"]);
    row("b", "N-U", [98, 1], [100, 1]);
    assert.deepEqual(row("a", "N-U", [99, 1], [101, 1], state), [], "there is another one");
    assert.deepEqual(row("b", "N-U", [99, 1], [101, 1], state), ["closed C-U p>b gas_unknown"]);
    assert.deepEqual(row("a", "N-U", [99, 1], [101, 1]), ["opportunity C-U p>b"]);
  });
}

Deno.test("price of the coin is the median of the fresh ones: one venue that is off does not move it", () => {
  const { quote, row, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "N-U", [4999, 1], [5001, 1]);
  // Two: the middle between them, 2550.
  quote("p", "N-U", { mid: 102, buy: [[103, 1]], sell: [[101, 1]] });
  // Three: 100, 102 and 5000.
  row("b", "C-U", [1008, 4], [1010, 1]);
  about(only().gasQuote, 1.02, "Gas");
  row("b", "N-U", [4999, 1], [5001, 1], QuoteState.stale);
  row("b", "C-U", [1008, 3], [1010, 1]);
  about(only().gasQuote, 1.01, "Gas of two");
});

Deno.test("gas is not worth more or less where the quote currency is the coin that pays for it", () => {
  const { quote, row, only } = bench();
  quote("p", "C-N", { mid: 10, buy: [[10.04, 1]], sell: [[9.96, 1]] });
  assert.deepEqual(row("b", "C-N", [10.2, 1], [10.3, 1]), ["opportunity C-N p>b"]);
  assert.equal(only().gasQuote, 0.01);
});

Deno.test("gas in a currency in which nobody quotes the coin is not known", () => {
  const { quote, row, refused } = priced();
  quote("p", "C-V", POOL);
  assert.deepEqual(row("b", "C-V", [1008, 1], [1010, 1]), []);
  assert.equal(refused.gas_unknown, 1);
});

for (
  const [state, reason] of [[QuoteState.stale, "leg_stale"], [QuoteState.withdrawn, "leg_withdrawn"]] as const
) {
  Deno.test(`pool whose row says ${reason} holds nothing open, whatever its ladder says`, () => {
    const { quote, row, publish, refused } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    assert.deepEqual(quote("p", "C-U", POOL, state), [`closed C-U p>b ${reason}`]);
    // The ladders of the next block are there before their row.
    publish("p", "C-U", { ...POOL, buy: [[900, 5]] });
    assert.deepEqual(row("b", "C-U", [1009, 1], [1010, 1]), []);
    if (state === QuoteState.stale) assert.equal(refused.leg_stale, 1);
    assert.deepEqual(quote("p", "C-U", { ...POOL, buy: [[900, 5]] }), ["opportunity C-U p>b"]);
  });
}

for (
  const [what, state, counted] of [["stale", QuoteState.stale, 1], [
    "withdrawn",
    QuoteState.withdrawn,
    0,
  ]] as const
) {
  Deno.test(`${what} pool counts ${counted} refusals when a book of the symbol ticks, whatever its ladder was`, () => {
    const { quote, row, refused } = priced();
    quote("p", "C-U", POOL);
    row("b", "C-U", [1008, 1], [1010, 1]);
    row("a", "C-U", [900, 1], [1000, 1]);
    quote("p", "C-U", POOL, state);
    const before = { ...refused };
    // What is open between the books has all routes looked at.
    assert.deepEqual(row("b", "C-U", [1009, 1], [1010, 1]), ["opportunity C-U a>b"]);
    assert.deepEqual(refused, { ...before, leg_stale: before.leg_stale + counted });
  });
}

Deno.test("pool without a ladder is no leg, though its row says that it quotes", () => {
  const { row, refused } = priced();
  row("p", "C-U", POOL.sell[0], POOL.buy[0]);
  assert.deepEqual(row("b", "C-U", [1008, 1], [1010, 1]), []);
  assert.equal(refused.leg_withdrawn, 1);
});

Deno.test("new ladder with the same first step changes the figures when its row comes", () => {
  const { quote, row, publish, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 4], [1010, 1]);
  assert.equal(only().sizeBase, 4, "all four steps are worth it");
  const shallow: Pool = { ...POOL, buy: [[1004, 1], [1007.9, 1], [1009, 5]], block: 2 };
  publish("p", "C-U", shallow);
  assert.equal(only().sizeBase, 4, "nothing has come yet");
  assert.deepEqual(quote("p", "C-U", shallow), ["opportunity C-U p>b"]);
  const one = only();
  assert.equal(one.sizeBase, 2);
  about(one.buyPrice, (1004 + 1007.9) / 2, "Price of the pool");
});

Deno.test("a pool whose row tells a larger size counts by its first step when it is decided whether to look", () => {
  const { publish, row, only } = priced({ minNetBps: 100 });
  row("b", "C-U", [1020, 0.5], [1021, 0.5]);
  publish("p", "C-U", { ...POOL, gasNative: 0 });
  // The mean of all four steps: at that price nothing would be left at the threshold.
  row("p", "C-U", [994.5, 4], [1010.5, 4]);
  about(only().buyPrice, 1004, "the price of what is bought");
});

Deno.test("ladder that is newer than its row is the one that counts", () => {
  const { quote, row, publish, only } = priced();
  quote("p", "C-U", POOL);
  row("b", "C-U", [1008, 1], [1010, 1]);
  publish("p", "C-U", { ...POOL, buy: [[1005, 9]], block: 2 });
  row("b", "C-U", [1008, 2], [1010, 1]);
  assert.deepEqual([only().buyPrice, only().sizeBase], [1005, 2]);
  // By its row it would still be open.
  publish("p", "C-U", { ...POOL, buy: [[1008, 9]], block: 3 });
  assert.deepEqual(row("b", "C-U", [1008, 2], [1010, 1]), ["closed C-U p>b below_threshold"]);
});

Deno.test("open one keeps showing what is to be had at the threshold, and what is left of it below", () => {
  const { quote, row, only } = priced({ minNetBps: 20, hysteresisBps: 10 });
  quote("p", "C-U", { ...POOL, buy: [[1000, 1], [1002, 10]], gasNative: 0 });
  row("b", "C-U", [1003, 100], [1010, 1]);
  // 3 of the first unit, 1 of each after it: x = 0.996 / 1.004 more until 20 bps are left of the whole.
  about(only().sizeBase, 1 + (3 - 2) / (2.004 - 1), "Size");
  about(only().netBps, 20, "Net");
  // Now the first unit alone has 15: what is taken is what keeps 10.
  assert.deepEqual(row("b", "C-U", [1001.5, 100], [1010, 1]), ["opportunity C-U p>b"]);
  about(only().netBps, 15, "Net below");
  assert.equal(only().sizeBase, 1);
  assert.deepEqual(row("b", "C-U", [1000.9, 100], [1010, 1]), ["closed C-U p>b below_threshold"]);
});

Deno.test("worker of the pools goes down: its routes close as that, also where it told the price of the coin", () => {
  const { quote, row, withdraw, table } = bench();
  quote("p", "N-U", { mid: 100, buy: [[101, 1]], sell: [[99, 1]] });
  quote("p", "C-U", POOL);
  quote("q", "C-U", { ...POOL, buy: [[1003, 5]] });
  row("b", "C-U", [1008, 1], [1010, 1]);
  assert.deepEqual(withdraw("p").sort(), ["closed C-U p>b worker_down", "closed C-U q>b gas_unknown"]);
  assert.equal(table.quote(table.cell(2, 1)), undefined);
  quote("p", "N-U", { mid: 100, buy: [[101, 1]], sell: [[99, 1]] });
  assert.deepEqual(quote("p", "C-U", POOL), ["opportunity C-U p>b"]);
});
