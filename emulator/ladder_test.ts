import assert from "node:assert/strict";
import { crc32 as reference } from "node:zlib";
import { listingOf } from "../adapters/venues/synthetic/listing.ts";
import { SyntheticMarket } from "../adapters/venues/synthetic/market.ts";
import { crc32 } from "./crc32.ts";
import { fixed, trimmed } from "./decimal.ts";
import { Ladder } from "./ladder.ts";
import { changes, Window } from "./window.ts";

const SYMBOLS = ["BTC-USDT", "XRP-USDT", "DOGE-USDT", "ETH-BTC", "WHATEVER-USDC"];

/** Ladders of one venue that follow the market for some steps; `each` is called after every change. */
function follow(seed: number, each: (ladder: Ladder) => void): Ladder[] {
  const market = new SyntheticMarket(seed, SYMBOLS, ["bybit"]);
  const ladders = SYMBOLS.map((symbol) => new Ladder(seed, "bybit", listingOf(symbol)));
  for (let step = 0; step < 300; step++) {
    for (const cell of market.step(step * 7)) {
      const ladder = ladders[cell]!;
      ladder.quote(market.bid[cell]!, market.bidSize[cell]!, market.ask[cell]!, market.askSize[cell]!);
      each(ladder);
      if (step % 3 === 0) ladder.stir();
      each(ladder);
    }
  }
  return ladders;
}

function levels(ladder: Ladder, side: "bid" | "ask", depth: number): [ticks: number, lots: number][] {
  const window = new Window(depth);
  ladder.fill(side, window);
  return Array.from({ length: window.length }, (_, at) => [window.ticks[at]!, window.lots[at]!]);
}

Deno.test("ladder is sorted, not crossed, without holes, and the same at every depth", () => {
  follow(3, (ladder) => {
    const [bids, asks] = [levels(ladder, "bid", 200), levels(ladder, "ask", 200)];
    assert.deepEqual(bids[0], [ladder.bidTicks, ladder.bidLots]);
    assert.deepEqual(asks[0], [ladder.askTicks, ladder.askLots]);
    assert(ladder.bidTicks < ladder.askTicks);
    for (let at = 1; at < 200; at++) {
      assert(bids[at]![0] < bids[at - 1]![0] && bids[at]![0] > 0);
      assert(asks[at]![0] > asks[at - 1]![0]);
      assert(bids[at]![1] >= 1 && asks[at]![1] >= 1);
    }
    assert.deepEqual(levels(ladder, "ask", 10), asks.slice(0, 10));
  });
});

Deno.test("ladder is the same for the same seed and another for another", () => {
  const state = (seed: number) =>
    follow(seed, () => {}).map((ladder) => [...levels(ladder, "bid", 50), ladder.sequence]);
  assert.deepEqual(state(1), state(1));
  assert.notDeepEqual(state(1), state(2));
});

Deno.test("ladder loses the emptied side only", () => {
  const [ladder] = follow(1, () => {});
  ladder!.emptied = "bid";
  assert.equal(levels(ladder!, "bid", 5).length, 0);
  assert.equal(levels(ladder!, "ask", 5).length, 5);
});

for (const pushedOut of [true, false]) {
  Deno.test(`changes turn one window into the next, ${pushedOut ? "with" : "without"} levels pushed out`, () => {
    const depth = 25;
    for (const side of ["bid", "ask"] as const) {
      const books = new Map<Ladder, { window: Window; book: Map<number, number> }>();
      let moved = 0;
      follow(5, (ladder) => {
        const before = books.get(ladder) ?? { window: new Window(depth), book: new Map<number, number>() };
        const after = new Window(depth);
        const delta = new Window(2 * depth);
        ladder.fill(side, after);
        changes(before.window, after, side === "ask", pushedOut, delta);
        for (let at = 0; at < delta.length; at++) {
          if (delta.lots[at] === 0) before.book.delete(delta.ticks[at]!);
          else before.book.set(delta.ticks[at]!, delta.lots[at]!);
        }
        const sign = side === "ask" ? 1 : -1;
        const sorted = [...before.book].sort(([a], [b]) => sign * (a - b));
        // A client that is not told of levels pushed out cuts them itself.
        const book = new Map(pushedOut ? sorted : sorted.slice(0, depth));
        assert.deepEqual([...book], levels(ladder, side, depth));
        books.set(ladder, { window: after, book });
        moved += delta.length;
      });
      assert(moved > 1000);
    }
  });
}

Deno.test("decimals are exact, with or without trailing zeros", () => {
  assert.equal(fixed(630_000, 1), "63000.0");
  assert.equal(fixed(5, 8), "0.00000005");
  assert.equal(fixed(42, 0), "42");
  assert.equal(trimmed(630_000, 1), "63000");
  assert.equal(trimmed(12_500, 5), "0.125");
  assert.equal(trimmed(0, 8), "0");
});

Deno.test("checksum is that of zlib", () => {
  for (const text of ["", "a", "123456789", "6300491876947630033510063002616026"]) {
    assert.equal(crc32(text), reference(text));
  }
});
