import assert from "node:assert/strict";
import { type MarketEvent, Sequencer } from "./sequencer.ts";

type Snapshot = Extract<MarketEvent, { kind: "snapshot" }>;
type Delta = Extract<MarketEvent, { kind: "delta" }>;

const common = { venueSymbol: "A-B", topic: "book:A-B", checksum: null, exchangeTime: 5 };

function snapshot(sequence: number | null, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    kind: "snapshot",
    ...common,
    bids: [["99", "1"], ["98", "2"]],
    asks: [["101", "1"], ["102", "2"]],
    sequence,
    depth: 10,
    ...changes,
  };
}

function delta(previous: number | null, sequence: number | null, changes: Partial<Delta> = {}): Delta {
  return {
    kind: "delta",
    ...common,
    bids: [["100", "3"]],
    asks: [],
    followsFrom: previous,
    followsTo: previous,
    sequence,
    ...changes,
  };
}

const TOP = { kind: "top", bid: 99, bidSize: 1, ask: 101, askSize: 1, exchangeTime: 5 };
const MOVED = { ...TOP, bid: 100, bidSize: 3 };

Deno.test("sequencer passes a complete top on as numbers", () => {
  const result = new Sequencer().take({
    kind: "top",
    venueSymbol: "A-B",
    topic: "top:A-B",
    bid: ["99.50", "1.0"],
    ask: ["1e2", "2"],
    exchangeTime: null,
  });
  assert.deepEqual(result, { kind: "top", bid: 99.5, bidSize: 1, ask: 100, askSize: 2, exchangeTime: NaN });
});

Deno.test("sequencer makes no quote of a top that lacks something", () => {
  const top = (bid: [string, string] | null, ask: [string, string] | null) =>
    new Sequencer().take({ kind: "top", venueSymbol: "A-B", topic: "t", bid, ask, exchangeTime: 5 }).kind;
  assert.equal(top(null, ["1", "1"]), "withdrawn");
  assert.equal(top(["1", "1"], null), "withdrawn");
  for (const broken of ["0", "", "-1", "NaN", "Infinity", "1e999", "x"]) {
    assert.equal(top([broken, "1"], ["2000", "1"]), "withdrawn", `bid ${broken}`);
    assert.equal(top(["1", "1"], [broken, "1"]), "withdrawn", `ask ${broken}`);
    assert.equal(top(["1", broken], ["2", "1"]), "withdrawn", `bid size ${broken}`);
    assert.equal(top(["1", "1"], ["2", broken]), "withdrawn", `ask size ${broken}`);
  }
  assert.equal(top(["2", "1"], ["2", "1"]), "withdrawn", "bid equal to ask");
  assert.equal(top(["3", "1"], ["2", "1"]), "withdrawn", "bid above ask");
});

Deno.test("sequencer waits where a delta comes before the snapshot", () => {
  const sequencer = new Sequencer();
  assert.deepEqual(sequencer.take(delta(1, 2)), { kind: "waiting" });
  assert.deepEqual(sequencer.take(snapshot(2)), TOP);
});

Deno.test("sequencer applies a delta that follows on the book", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7));
  assert.deepEqual(sequencer.take(delta(7, 9)), MOVED);
  assert.deepEqual(sequencer.take(delta(9, 9, { bids: [] })), MOVED, "an idle frame without levels");
  assert.deepEqual(sequencer.take(delta(9, 10, { bids: [["100", "0"]] })), TOP);
});

Deno.test("sequencer drops a book at a gap and waits for the next snapshot", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7));
  const gap = sequencer.take(delta(8, 9));
  assert.deepEqual(gap, { kind: "gap", reason: "The book stands at 7, the update follows on 8" });
  assert.deepEqual(sequencer.take(delta(7, 8)), { kind: "waiting" });
  assert.deepEqual(sequencer.take(delta(9, 10)), { kind: "waiting" });
  assert.deepEqual(sequencer.take(snapshot(20)), TOP);
});

Deno.test("sequencer drops what a snapshot already holds, and only then", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7));
  assert.deepEqual(sequencer.take(delta(5, 6)), TOP, "older than the snapshot");
  assert.deepEqual(sequencer.take(delta(6, 7)), TOP, "the last one in the snapshot");
  assert.deepEqual(sequencer.take(delta(7, 8)), MOVED);
  assert.deepEqual(sequencer.take(delta(7, 8)), MOVED, "a repetition");
  // After a venue's maintenance numbers start anew, so an older number may be a newer book.
  assert.equal(sequencer.take(delta(3, 4)).kind, "gap");
});

Deno.test("sequencer accepts a smaller number as long as it follows on", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7));
  assert.deepEqual(sequencer.take(delta(7, 2)), MOVED);
  assert.deepEqual(sequencer.take(delta(2, 3, { bids: [["100", "0"]] })), TOP);
});

Deno.test("sequencer accepts a delta that overlaps the base and reaches beyond it", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7));
  assert.deepEqual(sequencer.take(delta(4, 9, { followsTo: 8 })), MOVED);
  assert.equal(sequencer.take(delta(10, 12, { followsTo: 11 })).kind, "gap");
});

Deno.test("sequencer replaces everything at a snapshot, whatever its number", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(7, { bids: [["100.5", "1"]] }));
  assert.deepEqual(sequencer.take(snapshot(1)), TOP);
  assert.deepEqual(sequencer.take(delta(1, 2)), MOVED);
});

Deno.test("sequencer withdraws the quote of a book with an empty side and gives it back", () => {
  const sequencer = new Sequencer();
  const emptied = sequencer.take(snapshot(1, { asks: [] }));
  assert.deepEqual(emptied, { kind: "withdrawn", reason: "No ask", exchangeTime: 5 });
  assert.deepEqual(sequencer.take(delta(1, 2, { bids: [], asks: [["101", "1"]] })), TOP);
});

Deno.test("sequencer drops a crossed or locked book", () => {
  for (const price of ["101", "101.5"]) {
    const sequencer = new Sequencer();
    sequencer.take(snapshot(1));
    assert.equal(sequencer.take(delta(1, 2, { bids: [[price, "1"]] })).kind, "gap");
    assert.equal(sequencer.take(delta(2, 3)).kind, "waiting");
  }
});

Deno.test("sequencer drops a book with a level that is no number", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(1));
  assert.equal(sequencer.take(delta(1, 2, { bids: [["nonsense", "1"]] })).kind, "gap");
  assert.equal(sequencer.take(snapshot(3, { asks: [["0", "1"]] })).kind, "gap");
});

Deno.test("sequencer verifies checksums where the venue has one and drops the book at a mismatch", () => {
  const sizes = (side: readonly (readonly [string, string])[]) =>
    side.reduce((sum, [, size]) => sum + Number(size), 0);
  const sequencer = new Sequencer({ checksum: (bids, asks) => sizes(bids) * 100 + sizes(asks) });
  assert.deepEqual(sequencer.take(snapshot(null, { checksum: 303 })), TOP);
  assert.deepEqual(sequencer.take(delta(null, null, { checksum: 603 })), MOVED);
  const gap = sequencer.take(delta(null, null, { bids: [["97", "1"]], checksum: 604 }));
  assert.deepEqual(gap, { kind: "gap", reason: "Checksum is 703, the venue says 604" });
  assert.equal(sequencer.take(delta(null, null)).kind, "waiting");
});

Deno.test("sequencer takes the venue's place for the window: a depth cuts what falls out of it", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(1, { depth: 2 }));
  sequencer.take(delta(1, 2, { bids: [["100", "3"]] }));
  // 98 fell out of the window, so removing the two above it leaves nothing.
  const emptied = sequencer.take(delta(2, 3, { bids: [["100", "0"], ["99", "0"]] }));
  assert.equal(emptied.kind, "withdrawn");
});

Deno.test("sequencer keeps topics apart and forgets them when told", () => {
  const sequencer = new Sequencer();
  sequencer.take(snapshot(1));
  sequencer.take(snapshot(5, { topic: "book:C-D" }));
  assert.equal(sequencer.take(delta(1, 2)).kind, "top");
  sequencer.reset("book:A-B");
  assert.equal(sequencer.take(delta(2, 3)).kind, "waiting");
  assert.equal(sequencer.take(delta(5, 6, { topic: "book:C-D" })).kind, "top");
  sequencer.resetAll();
  assert.equal(sequencer.take(delta(6, 7, { topic: "book:C-D" })).kind, "waiting");
});

Deno.test("sequencer bounds the books that a connection can make it keep", () => {
  const sequencer = new Sequencer({ maxTopics: 2 });
  for (const topic of ["a", "b"]) assert.equal(sequencer.take(snapshot(1, { topic })).kind, "top");
  assert.equal(sequencer.take(snapshot(1, { topic: "c" })).kind, "gap");
  assert.equal(sequencer.take(snapshot(2, { topic: "a" })).kind, "top");
});
