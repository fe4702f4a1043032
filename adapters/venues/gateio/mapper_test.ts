import assert from "node:assert/strict";
import {
  type ExpectedTop,
  expectedTops,
  fixtureJson,
  fixtureLines,
  fixtureTest,
} from "../../../tests/fixtures.ts";
import { assertTop, forEachExpected, mapAll, replay, sameDecimal, type Step } from "../../../tests/replay.ts";
import type { Sequencer } from "../_base/sequencer.ts";
import { gateio } from "./feed.ts";
import { orderBookSnapshot } from "./snapshot.ts";

const FOLDER = "gate";
const DIFFS = "order_book_update_2021";

function frame(channel: string, result: unknown, more: object = {}): string {
  return JSON.stringify({ time: 7, time_ms: 7500, channel, event: "update", result, ...more });
}

/** Hands the REST books of the recording to the sequencer between the frames, in the order of arrival. */
function withRestBooks(file: string): (index: number, sequencer: Sequencer) => void {
  if (file !== `${DIFFS}.jsonl`) return () => {};
  const { recv } = fixtureJson(FOLDER, `${DIFFS}.meta.json`) as { recv: string[] };
  const books = fixtureLines(FOLDER, `${DIFFS}.rest.jsonl`).map((line) => JSON.parse(line));
  return (index, sequencer) => {
    while (books.length > 0 && Number(books[0].recv) <= Number(recv[index])) {
      const { url, body } = books.shift();
      const event = orderBookSnapshot(new URL(url).searchParams.get("currency_pair")!, body);
      assert.ok(event.kind === "snapshot");
      sequencer.take(event);
    }
  };
}

/** Prices without sizes: the frame states them, but they are no quote that could be filled. */
function assertPricesOnly(row: ExpectedTop, step: Step): void {
  const { event, result } = step.results[0]!;
  assert.ok(event.kind === "top");
  assert.ok(sameDecimal(Number(event.bid?.[0]), row.bid!), row.ref);
  assert.ok(sameDecimal(Number(event.ask?.[0]), row.ask!), row.ref);
  assert.equal(event.exchangeTime, row.exchangeTime, row.ref);
  assert.equal(result.kind, "withdrawn", row.ref);
}

fixtureTest("gateio frames leave the expected best bid and ask", () => {
  const rows = expectedTops(FOLDER);
  const compared = { tops: 0, pricesOnly: 0, withoutBook: 0 };
  forEachExpected(gateio, FOLDER, rows, (row, step) => {
    if (row.bid === null) {
      // samples.jsonl:2 is a single change without its book: there is no top to compare.
      assert.equal(row.ref, "samples.jsonl:2");
      assert.deepEqual(step.results.map(({ result }) => result.kind), ["waiting"]);
      compared.withoutBook++;
    } else if (row.bidSize === null) {
      assertPricesOnly(row, step);
      compared.pricesOnly++;
    } else {
      assertTop(row, step);
      compared.tops++;
    }
  }, withRestBooks);
  assert.equal(compared.tops + compared.pricesOnly + compared.withoutBook, rows.length);
  assert.deepEqual([compared.pricesOnly, compared.withoutBook], [8, 1]);
  assert.ok(compared.tops >= 151);
});

fixtureTest("gateio changes that the REST book already holds are dropped, no recording has a gap", () => {
  const file = `${DIFFS}.jsonl`;
  for (
    const [name, before] of [[file, withRestBooks(file)], ["obu50_btc_usdt_futures_2026.jsonl"]] as const
  ) {
    const results = replay(gateio, fixtureLines(FOLDER, name), before).flatMap((step) => step.results);
    assert.ok(results.length > 50);
    assert.deepEqual(results.filter(({ result }) => result.kind === "gap"), []);
  }
});

fixtureTest("gateio answers of the samples are told apart", () => {
  const samples = fixtureLines(FOLDER, "samples.jsonl");
  const expected: [line: number, events: unknown[]][] = [
    [3, [{ kind: "accepted", requestId: null, topic: "spot.obu:ob.MAF_USDT.400" }]],
    [7, [{ kind: "accepted", requestId: null, topic: "spot.order_book:BTC_USD" }]],
    [8, [{ kind: "alive" }]],
    [9, [{
      kind: "refused",
      requestId: null,
      topic: "spot.order_book_update:NOPE_USD",
      reason: "2 unknown currency pair: NOPE_USD",
    }]],
    [13, [{
      kind: "refused",
      requestId: null,
      topic: "futures.candlesticks:1m_BTC_USDT",
      reason: "1 request payload does not follow json schema",
    }]],
  ];
  for (const [line, events] of expected) {
    assert.deepEqual(mapAll(gateio, samples[line - 1]!), events, `samples.jsonl:${line}`);
  }
});

fixtureTest("gateio acknowledgement of two streams accepts both", () => {
  const [, ack] = fixtureLines(FOLDER, "obu50_btc_usdt_futures_2026.jsonl");
  assert.deepEqual(mapAll(gateio, ack!), [
    { kind: "accepted", requestId: null, topic: "futures.obu:ob.NVDA_USDT.50" },
    { kind: "accepted", requestId: null, topic: "futures.obu:ob.BTC_USDT.50" },
  ]);
});

Deno.test("gateio answer with our id is for the whole request", () => {
  const answer = { id: 4, channel: "spot.book_ticker", event: "subscribe", payload: ["A_USDT", "B_USDT"] };
  assert.deepEqual(mapAll(gateio, JSON.stringify({ ...answer, result: { status: "success" } })), [
    { kind: "accepted", requestId: "4", topic: null },
  ]);
  const error = { code: 2, message: "unknown currency pair: B_USDT" };
  assert.deepEqual(mapAll(gateio, JSON.stringify({ ...answer, error, result: { status: "fail" } })), [
    { kind: "refused", requestId: "4", topic: null, reason: "2 unknown currency pair: B_USDT" },
  ]);
});

Deno.test("gateio mapper names the topic of a quote as it was subscribed", () => {
  const result = { t: 5, u: 9, s: "A_USDT", b: "1", B: "2", a: "3", A: "4" };
  assert.deepEqual(mapAll(gateio, frame("spot.book_ticker", result)), [{
    kind: "top",
    venueSymbol: "A_USDT",
    topic: gateio.topic("A_USDT"),
    bid: ["1", "2"],
    ask: ["3", "4"],
    exchangeTime: 5,
  }]);
});

Deno.test("gateio empty side of a ticker is none", () => {
  for (const bid of [{ b: "", B: "" }, { b: null, B: null }, { b: "2", B: "" }, { b: "0", B: "0" }]) {
    const result = { t: 5, u: 9, s: "A_USDT", ...bid, a: "3", A: "4" };
    const [step] = replay(gateio, [frame("spot.book_ticker", result)]);
    assert.equal(step?.results[0]?.result.kind, "withdrawn", JSON.stringify(bid));
  }
});

Deno.test("gateio stream goes on at exactly the next update, frames without levels included", () => {
  const obu = (result: object) => frame("spot.obu", { t: 5, s: "ob.A_USDT.50", ...result });
  const kinds = replay(gateio, [
    obu({ full: true, u: 10, b: [["1", "1"]], a: [["3", "1"]] }),
    obu({ U: 11, u: 14 }),
    obu({ U: 15, u: 15, b: [["2", "1"]] }),
    obu({ U: 15, u: 17, a: [["4", "1"]] }),
    obu({ U: 18, u: 18 }),
    obu({ full: true, u: 30, b: [["1", "1"]], a: [["3", "1"]] }),
    obu({ U: 31, u: 31 }),
  ]).map((step) => step.results[0]?.result.kind);
  assert.deepEqual(kinds, ["top", "top", "top", "gap", "waiting", "top", "top"]);
});

Deno.test("gateio changes on a REST book must reach beyond it", () => {
  const body = JSON.stringify({ id: 10, bids: [["1", "1"]], asks: [["3", "1"]] });
  const change = (U: number, u: number) =>
    frame("spot.order_book_update", { t: 5, s: "A_USDT", U, u, b: [["2", "1"]], a: [] });
  const kinds = (...frames: string[]) =>
    replay(gateio, frames, (index, sequencer) => {
      const event = orderBookSnapshot("A_USDT", body);
      if (index === 1 && event.kind === "snapshot") sequencer.take(event);
    }).map((step) => step.results[0]?.result.kind);
  assert.deepEqual(kinds(change(5, 6), change(7, 10), change(9, 12), change(13, 13)), [
    "waiting",
    "top",
    "top",
    "top",
  ]);
  assert.deepEqual(kinds(change(5, 6), change(12, 13)), ["waiting", "gap"]);
});

Deno.test("gateio REST book that is none is reported", () => {
  for (const body of ["", "[]", '{"bids":[],"asks":[]}', '{"id":1,"bids":[["x","1"]],"asks":[]}']) {
    assert.equal(orderBookSnapshot("A_USDT", body).kind, "malformed", body);
  }
});

Deno.test("gateio mapper says nothing of other channels, and takes an unsubscription as a sign of life", () => {
  assert.deepEqual(mapAll(gateio, frame("spot.trades", {})), []);
  assert.deepEqual(mapAll(gateio, frame("spot.constructor", {})), []);
  assert.deepEqual(mapAll(gateio, frame("spot.book_ticker", {}, { event: "unsubscribe" })), [{
    kind: "alive",
  }]);
});

Deno.test("gateio mapper reports broken frames and does not throw", () => {
  const ticker = { t: 5, u: 9, s: "A_USDT", b: "1", B: "2", a: "3", A: "4" };
  const obu = { t: 5, s: "ob.A_USDT.50", U: 2, u: 3, b: [["1", "2"]] };
  const broken = [
    "",
    "[1]",
    "{}",
    frame("spot.book_ticker", null),
    frame("spot.book_ticker", { ...ticker, s: 1 }),
    frame("spot.book_ticker", { ...ticker, b: "-1" }),
    frame("spot.book_ticker", { ...ticker, A: undefined }),
    frame("spot.tickers", { currency_pair: "A_USDT", highest_bid: "1", lowest_ask: [] }),
    frame("spot.obu", { ...obu, s: "A_USDT" }),
    frame("spot.obu", { ...obu, U: 4 }),
    frame("spot.obu", { ...obu, U: undefined }),
    frame("spot.obu", { ...obu, b: {} }),
    frame("spot.order_book_update", { ...obu, u: null }),
    frame("spot.order_book", { s: "A_USDT", bids: [["1", "2"]] }),
    frame("spot.book_ticker", {}, { event: "subscribe" }),
  ];
  for (const one of broken) {
    assert.deepEqual(mapAll(gateio, one).map((event) => event.kind), ["malformed"], one);
  }
});
