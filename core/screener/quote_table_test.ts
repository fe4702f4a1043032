import assert from "node:assert/strict";
import { Row } from "../app/channel.ts";
import { LadderReader, LadderWriter, newLadders } from "../app/ladders.ts";
import type { PoolQuote } from "../domain/pool.ts";
import { QuoteState } from "../domain/quote.ts";
import { QuoteTable } from "./quote_table.ts";

function row(values: Partial<Record<Exclude<keyof typeof Row, "WORDS">, number>>, offset = 0): Float64Array {
  const words = new Float64Array(offset + Row.WORDS).fill(NaN);
  words[offset + Row.state] = QuoteState.fresh;
  words[offset + Row.receivedTime] = 1;
  for (const [name, value] of Object.entries(values)) words[offset + Row[name as keyof typeof Row]] = value!;
  return words;
}

const table = () => new QuoteTable(["bybit", "okx", "kraken"], ["BTC-USDT", "ETH-USDT"]);

Deno.test("cell leads to exchange and symbol and back", () => {
  const quotes = table();
  const seen = new Set<number>();
  for (let exchange = 0; exchange < 3; exchange++) {
    for (let symbol = 0; symbol < 2; symbol++) {
      const cell = quotes.cell(exchange, symbol);
      seen.add(cell);
      assert.equal(quotes.exchangeOf(cell), exchange);
      assert.equal(quotes.symbolOf(cell), symbol);
    }
  }
  assert.deepEqual([...seen], [0, 1, 2, 3, 4, 5]);
});

Deno.test("table is empty at first, and has no quote outside of its cells", () => {
  const quotes = table();
  for (const cell of [-1, 0, 5, 6, NaN]) assert.equal(quotes.quote(cell), undefined);
  assert.deepEqual(quotes.count(0, 6), { quotes: 0, freshQuotes: 0 });
});

Deno.test("row of the channel becomes a quote, wherever it stands in the ring", () => {
  const quotes = table();
  const words = row({
    cell: 3,
    bid: 99,
    bidSize: 2,
    ask: 101,
    askSize: 3,
    price: 100,
    exchangeTime: 1_700_000_000_000.25,
    receivedTime: 1_700_000_000_001.5,
    ticks: 1,
  }, 20);
  assert.equal(quotes.take(words, 20), 3);
  assert.deepEqual(quotes.quote(3), {
    exchange: "okx",
    symbol: "ETH-USDT",
    bid: 99,
    bidSize: 2,
    ask: 101,
    askSize: 3,
    price: 100,
    exchangeTime: 1_700_000_000_000.25,
    receivedTime: 1_700_000_000_001.5,
    fresh: true,
  });
});

Deno.test("what a row does not have is null in the quote, and nothing of the quote before shines through", () => {
  const quotes = table();
  quotes.take(row({ cell: 0, bid: 1, bidSize: 1, ask: 2, askSize: 1, price: 1.5, exchangeTime: 5 }), 0);
  quotes.take(row({ cell: 0, price: 1.7, receivedTime: 9 }), 0);
  assert.deepEqual(quotes.quote(0), {
    exchange: "bybit",
    symbol: "BTC-USDT",
    bid: null,
    bidSize: null,
    ask: null,
    askSize: null,
    price: 1.7,
    exchangeTime: null,
    receivedTime: 9,
    fresh: true,
  });
});

Deno.test("stale quote is still a quote and says that it is stale; a withdrawn one is none", () => {
  const quotes = table();
  quotes.take(row({ cell: 0, bid: 1, state: QuoteState.stale }), 0);
  quotes.take(row({ cell: 1, bid: 1 }), 0);
  quotes.take(row({ cell: 2, bid: 1, state: QuoteState.withdrawn }), 0);
  assert.equal(quotes.quote(0)?.fresh, false);
  assert.equal(quotes.quote(1)?.fresh, true);
  assert.equal(quotes.quote(2), undefined);
  assert.deepEqual(quotes.count(0, 2), { quotes: 2, freshQuotes: 1 });
  assert.deepEqual(quotes.count(2, 4), { quotes: 0, freshQuotes: 0 });
});

Deno.test("withdrawing empties one cell and no other", () => {
  const quotes = table();
  for (const cell of [2, 3, 4]) quotes.take(row({ cell, bid: 1, ask: 2, price: 1.5 }), 0);
  quotes.withdraw(3);
  assert.equal(quotes.quote(3), undefined);
  assert.ok(Number.isNaN(quotes.bid[3]) && Number.isNaN(quotes.ask[3]) && Number.isNaN(quotes.price[3]));
  assert.equal(quotes.quote(2)?.bid, 1);
  assert.equal(quotes.quote(4)?.bid, 1);
});

const pool: PoolQuote = {
  address: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
  feePpm: 500,
  blockNumber: 7,
  blockTime: 1_790_000_000_000,
  mid: 100,
  gasNative: 0.002,
  buy: { prices: Float64Array.of(101), sizes: Float64Array.of(2), length: 1 },
  sell: { prices: Float64Array.of(99), sizes: Float64Array.of(3), length: 1 },
};

Deno.test("quote of a pool tells which pool it is of and how that stands, as long as its ladders are attached", () => {
  const quotes = table();
  const memory = newLadders({ firstCell: 2, cells: 2 });
  for (const cell of [1, 2, 3]) quotes.take(row({ cell, bid: 99, ask: 101 }), 0);
  const detach = quotes.attach(new LadderReader(memory));
  assert.deepEqual([0, 1, 2].map((exchange) => quotes.isPool(exchange)), [false, true, false]);
  assert.equal(quotes.pool(3), undefined, "nothing was published");
  new LadderWriter(memory).publish(3, pool);
  assert.deepEqual(quotes.pool(3), pool);
  const { address, feePpm, blockNumber, blockTime } = pool;
  assert.deepEqual(quotes.quote(3)?.pool, { address, feePpm, blockNumber, blockTime });
  assert.ok(!("pool" in quotes.quote(1)!) && !("pool" in quotes.quote(2)!));
  assert.deepEqual(
    [quotes.pool(1), quotes.pool(4), quotes.pool(-1), quotes.pool(6)],
    Array(4).fill(undefined),
  );
  detach();
  assert.equal(quotes.isPool(1), false);
  assert.equal(quotes.pool(3), undefined);
  assert.ok(!("pool" in quotes.quote(3)!));
});

Deno.test("quote of a pool is of one block, also while the row of the next one is on its way", () => {
  const quotes = table();
  const memory = newLadders({ firstCell: 2, cells: 2 });
  quotes.attach(new LadderReader(memory));
  quotes.take(row({ cell: 3, bid: 98, bidSize: 1, ask: 100, askSize: 1, exchangeTime: 1 }), 0);
  new LadderWriter(memory).publish(3, pool);
  const { bid, bidSize, ask, askSize, price, exchangeTime } = quotes.quote(3)!;
  assert.deepEqual([bid, bidSize, ask, askSize, price, exchangeTime], [99, 3, 101, 2, 100, pool.blockTime]);
});

Deno.test("ladders that were replaced by others take nothing with them", () => {
  const quotes = table();
  const detach = quotes.attach(new LadderReader(newLadders({ firstCell: 2, cells: 2 })));
  const memory = newLadders({ firstCell: 2, cells: 4 });
  quotes.attach(new LadderReader(memory));
  new LadderWriter(memory).publish(5, pool);
  detach();
  assert.deepEqual([1, 2].map((exchange) => quotes.isPool(exchange)), [true, true]);
  assert.equal(quotes.pool(5)?.blockNumber, 7);
});
