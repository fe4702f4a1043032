import assert from "node:assert/strict";
import { seeded } from "../../tests/random.ts";
import { Book, type Level, MAX_LEVELS } from "./book.ts";

function levels(...pairs: [number | string, number | string][]): Level[] {
  return pairs.map(([price, size]) => [String(price), String(size)]);
}

function filled(depth: number | null = null): Book {
  const book = new Book();
  assert.ok(book.reset(levels([99, 1], [98, 2], [97, 3]), levels([101, 1], [102, 2], [103, 3]), depth));
  return book;
}

Deno.test("book gives the best of both sides and their levels, best first", () => {
  const book = filled();
  assert.deepEqual(book.bid, ["99", "1"]);
  assert.deepEqual(book.ask, ["101", "1"]);
  assert.deepEqual(book.bids(2), levels([99, 1], [98, 2]));
  assert.deepEqual(book.asks(9), levels([101, 1], [102, 2], [103, 3]));
});

Deno.test("book takes levels of a snapshot in any order", () => {
  const book = new Book();
  assert.ok(book.reset(levels([97, 3], [99, 1], [98, 2]), levels([103, 3], [101, 1], [102, 2]), null));
  assert.deepEqual(book.bids(3), filled().bids(3));
  assert.deepEqual(book.asks(3), filled().asks(3));
});

Deno.test("book tells levels apart by value and keeps the text that came last", () => {
  const book = filled();
  assert.ok(book.apply(levels(["99.0", "7.00"]), levels(["101.000", "0.000"])));
  assert.deepEqual(book.bids(2), [["99.0", "7.00"], ["98", "2"]]);
  assert.deepEqual(book.ask, ["102", "2"]);
});

Deno.test("book ignores the removal of a level that it does not have", () => {
  const book = filled();
  assert.ok(book.apply(levels([98.5, 0]), levels([200, 0])));
  assert.deepEqual(book.size, { bids: 3, asks: 3 });
});

Deno.test("book applies levels in their order, so that the last word on a price counts", () => {
  const book = filled();
  assert.ok(book.apply(levels([99, 0], [99, 5]), levels([101, 9], [101, 0])));
  assert.deepEqual(book.bid, ["99", "5"]);
  assert.deepEqual(book.ask, ["102", "2"]);
});

Deno.test("book cuts to its depth after the message, not within it", () => {
  const book = filled(3);
  // The new level pushes 97 out only if 98 is not removed by the same message.
  assert.ok(book.apply(levels([100, 1], [98, 0]), levels([100.5, 1])));
  assert.deepEqual(book.bids(9), levels([100, 1], [99, 1], [97, 3]));
  assert.deepEqual(book.asks(9), levels([100.5, 1], [101, 1], [102, 2]));
});

Deno.test("book of depth 1 puts a listed level in the place of the one before, better or worse", () => {
  const book = new Book();
  assert.ok(book.reset(levels([99, 1]), levels([101, 1]), 1));
  assert.ok(book.apply(levels([98, 4]), []));
  assert.deepEqual([book.bid, book.ask], [["98", "4"], ["101", "1"]]);
  assert.ok(book.apply([], levels([101, 0], [103, 2])));
  assert.deepEqual([book.bid, book.ask], [["98", "4"], ["103", "2"]]);
  assert.ok(book.apply(levels([98, 0]), []));
  assert.equal(book.bid, null);
});

Deno.test("book has no best level on an empty side", () => {
  const book = filled();
  assert.ok(book.apply(levels([99, 0], [98, 0], [97, 0]), []));
  assert.equal(book.bid, null);
  assert.deepEqual(book.bids(5), []);
});

Deno.test("book refuses levels that are none", () => {
  const broken: [string, string][] = [
    ["NaN", "1"],
    ["Infinity", "1"],
    ["0", "1"],
    ["-1", "1"],
    ["1", "-1"],
    ["1", "x"],
    ["", ""],
  ];
  for (const level of broken) {
    assert.equal(filled().apply([level], []), false, `bid ${level}`);
    assert.equal(filled().apply([], [level]), false, `ask ${level}`);
  }
});

Deno.test("book without a stated depth still has a bound", () => {
  const book = new Book();
  const many = Array.from({ length: MAX_LEVELS + 10 }, (_, i): Level => [String(i + 1), "1"]);
  assert.ok(book.reset(many, [], null));
  assert.equal(book.size.bids, MAX_LEVELS);
  assert.deepEqual(book.bid, [String(MAX_LEVELS + 10), "1"]);
});

Deno.test("book equals a plain map that is sorted on every look, over many random changes", () => {
  const seed = 20240601;
  const random = seeded(seed);
  const book = new Book();
  const depth = 50;
  let bids = new Map<number, string>();
  let asks = new Map<number, string>();
  const drawn = (low: number): Level => [
    (low + Math.floor(random() * 80) / 10).toFixed(random() < 0.5 ? 1 : 3),
    random() < 0.4 ? "0" : (random() * 9 + 0.001).toFixed(3),
  ];
  book.reset([], [], depth);
  for (let round = 0; round < 3000; round++) {
    const newBids = Array.from({ length: Math.floor(random() * 4) }, () => drawn(92));
    const newAsks = Array.from({ length: Math.floor(random() * 4) }, () => drawn(101));
    assert.ok(book.apply(newBids, newAsks));
    bids = change(bids, newBids, (a, b) => b - a);
    asks = change(asks, newAsks, (a, b) => a - b);
    assert.deepEqual(book.bids(depth).map(numbers), [...bids].map(numbers), `bids, seed ${seed}, ${round}`);
    assert.deepEqual(book.asks(depth).map(numbers), [...asks].map(numbers), `asks, seed ${seed}, ${round}`);
  }

  function change(side: Map<number, string>, levels: Level[], order: (a: number, b: number) => number) {
    for (const [price, size] of levels) {
      if (Number(size) === 0) side.delete(Number(price));
      else side.set(Number(price), size);
    }
    return new Map([...side].sort(([a], [b]) => order(a, b)).slice(0, depth));
  }

  function numbers([price, size]: readonly [number | string, string]): [number, number] {
    return [Number(price), Number(size)];
  }
});
