import assert from "node:assert/strict";
import { ChannelWriter, newChannel, newWake } from "../../../core/app/channel.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import { newSlots, SlotReader, SlotWriter } from "../../../core/stats/slots.ts";
import { Quotes } from "./quotes.ts";
import { Rows, specOf } from "./testing.ts";

const { withdrawn, fresh, stale } = QuoteState;

function quotesOf(firstCell = 40): { quotes: Quotes; rows: Rows; slots: SlotReader } {
  const channel = newChannel({ capacity: 256, wake: newWake(), firstCell, cells: 4 });
  const memory = newSlots({ slotMs: 100, firstCell, cells: 4 });
  const quotes = new Quotes(new ChannelWriter(channel), new SlotWriter(memory), firstCell, 4);
  return { quotes, rows: new Rows(specOf(["AA-X"], { channel })), slots: new SlotReader(memory) };
}

const top = (bid: number, ask: number, bidSize = 1, askSize = 2, exchangeTime = 5) => ({
  bid,
  ask,
  bidSize,
  askSize,
  exchangeTime,
});

Deno.test("quotes writes a row for a change of any number and none for a repetition", () => {
  const { quotes, rows } = quotesOf();
  const steps = [top(1, 2), top(1, 2), top(1, 2, 3), top(1, 2, 3), top(1, 2, 3, 4), top(1, 3, 3, 4)];
  for (const [at, step] of steps.entries()) assert(quotes.top(41, step, at));
  assert.deepEqual(rows.read().all.map(({ receivedTime }) => receivedTime), [0, 2, 4, 5]);
  const { cell, state, price, bid, askSize } = rows.all.at(-1)!;
  assert.deepEqual([cell, state, price, bid, askSize], [41, fresh, 2, 1, 4]);
});

Deno.test("quotes writes a repetition where more changed than its numbers, with the times of now", () => {
  const { quotes, rows } = quotesOf();
  quotes.top(41, top(1, 2), 0);
  quotes.top(41, top(1, 2, 1, 2, 6), 1, true);
  quotes.top(41, top(1, 2, 1, 2, 7), 2, false);
  assert(!quotes.top(41, top(2, 1), 3, true), "Numbers that make no quote do not become one");
  assert.deepEqual(
    rows.read().all.map(({ receivedTime, exchangeTime, state }) => [receivedTime, exchangeTime, state]),
    [[0, 5, fresh], [1, 6, fresh], [3, NaN, withdrawn]],
  );
});

Deno.test("quotes withdraws what makes no quote, and no such number gets into a row", () => {
  const bad = [0, -1, NaN, Infinity, -Infinity];
  for (const value of bad) {
    for (const name of ["bid", "ask", "bidSize", "askSize"] as const) {
      const { quotes, rows } = quotesOf();
      assert(quotes.top(40, top(1, 2), 0));
      assert(!quotes.top(40, { ...top(1, 2), [name]: value }, 1));
      const { state, bid, ask, bidSize, askSize, price } = rows.read().all.at(-1)!;
      assert.deepEqual([state, bid, ask, bidSize, askSize, price], [withdrawn, NaN, NaN, NaN, NaN, NaN]);
    }
  }
  const { quotes, rows } = quotesOf();
  assert(!quotes.top(40, top(2, 2), 0));
  assert(!quotes.top(40, top(3, 2), 0));
  assert(!quotes.price(40, 0, 0, 0));
  assert.equal(rows.read().all.length, 0, "Nothing to withdraw, nothing to write");
});

Deno.test("quotes makes stale only what was fresh, and fresh again with the same numbers", () => {
  const { quotes, rows } = quotesOf();
  quotes.stale(40, 1);
  quotes.top(40, top(1, 2), 7);
  quotes.stale(40, 8);
  quotes.stale(40, 8);
  quotes.top(40, top(1, 2), 9);
  quotes.withdraw(40, 10);
  quotes.withdraw(40, 11);
  quotes.stale(40, 12);
  assert.deepEqual(rows.read().all.map(({ state, receivedTime }) => [state, receivedTime]), [
    [fresh, 7],
    [stale, 7],
    [fresh, 9],
    [withdrawn, 10],
  ]);
  assert.deepEqual(rows.all.map(({ bid }) => bid), [1, 1, 1, NaN]);
});

Deno.test("quotes shows a bare price without a book, and takes turns with a book", () => {
  const { quotes, rows } = quotesOf();
  assert(quotes.price(40, 5, 1, 1));
  assert(quotes.price(40, 5, 2, 2));
  assert(quotes.top(40, top(4, 6), 3));
  assert(quotes.price(40, 5, 4, 4));
  const seen = rows.read().all.map((
    { price, bid, askSize, receivedTime },
  ) => [price, bid, askSize, receivedTime]);
  assert.deepEqual(seen, [[5, NaN, NaN, 1], [5, 4, 2, 3], [5, NaN, NaN, 4]]);
});

Deno.test("quotes adds each change to the statistics, and the time that the quote stood", () => {
  const { quotes, slots } = quotesOf();
  quotes.top(41, top(1, 3), 10_000);
  quotes.top(41, top(1, 3), 10_010);
  quotes.top(41, top(3, 5), 10_020);
  quotes.stale(41, 10_050);
  quotes.top(41, top(3, 5), 10_080);
  quotes.withdraw(41, 10_090);
  quotes.top(41, top(6, 5), 10_095);
  const of = { mode: "live", exchange: "okx", symbol: "AA-X", timestamp: 10_000 } as const;
  const bar = slots.read(41, 10_000, 10_100, 10_100).toBar(of, 100)!;
  assert.deepEqual([bar.samples, bar.minPrice, bar.maxPrice, bar.averagePrice], [3, 2, 4, 10 / 3]);
  assert.deepEqual([bar.freshMs, bar.timeWeightedPrice, bar.bestBid], [60, (20 * 2 + 40 * 4) / 60, null]);
});

Deno.test("quotes keeps the order of times where the clock goes back a little, and follows a clock that was set", () => {
  const { quotes, rows, slots } = quotesOf();
  quotes.top(41, top(1, 3), 10_100);
  quotes.top(41, top(3, 5), 10_050);
  assert.deepEqual(rows.read().all.map(({ receivedTime }) => receivedTime), [10_100, 10_100]);
  assert.equal(slots.read(41, 10_000, 10_100, 10_200).samples, 0);
  quotes.top(41, top(5, 7), 5_000);
  assert.equal(rows.read().all.at(-1)!.receivedTime, 5_000);
});
