import assert from "node:assert/strict";
import { expectedTops, fixtureLines, fixtureTest } from "../../../tests/fixtures.ts";
import { assertTop, forEachExpected, mapAll, replay } from "../../../tests/replay.ts";
import { checksum } from "./checksum.ts";
import { okx } from "./feed.ts";

function frame(channel: string, item: object, action?: string): string {
  return JSON.stringify({ arg: { channel, instId: "A-USDT" }, action, data: [item] });
}

fixtureTest("okx frames leave the expected best bid and ask", () => {
  const rows = expectedTops("okx");
  let compared = 0;
  forEachExpected(okx, "okx", rows, (row, step) => {
    assertTop(row, step);
    compared++;
  });
  assert.equal(compared, rows.length);
  assert.ok(compared >= 174);
});

fixtureTest("okx checksums of 2022 are all verified", () => {
  const steps = replay(okx, fixtureLines("okx", "books400_tickers_trades_btcusdt_2022.jsonl"));
  const books = steps.flatMap((step) => step.results).filter(({ event }) =>
    event.kind !== "top" && event.checksum !== null
  );
  assert.equal(books.length, 98);
  assert.ok(books.every(({ result }) => result.kind === "top"));
});

fixtureTest("okx book of 2022 with one size changed fails its checksum", () => {
  const frames = fixtureLines("okx", "books400_tickers_trades_btcusdt_2022.jsonl");
  const at = frames.findIndex((one) => one.includes('"action":"snapshot"'));
  frames[at] = frames[at]!.replace('"1.44679"', '"1.44680"');
  assert.equal(replay(okx, frames)[at]?.results[0]?.result.kind, "gap");
});

fixtureTest("okx recordings of 2026 carry no checksum and have no gap", () => {
  for (const file of ["books_btcusdt_2026_checksum0.jsonl", "bbo_tbt_and_books_btcusdtswap_2026.jsonl"]) {
    const results = replay(okx, fixtureLines("okx", file)).flatMap((step) => step.results);
    assert.ok(results.length > 0);
    for (const { event, result } of results) {
      assert.equal(result.kind, "top");
      assert.ok(event.kind === "top" || event.checksum === null);
    }
  }
});

fixtureTest("okx answers of the samples are told apart", () => {
  const samples = fixtureLines("okx", "samples.jsonl");
  const alive = { kind: "alive" };
  const accepted = (topic: string) => ({ kind: "accepted", requestId: null, topic });
  const text = "Please use the correct URL, channel and parameters referring to API document.";
  const refused = (topic: string, reason: string) => ({ kind: "refused", requestId: null, topic, reason });
  const expected: [line: number, events: unknown[]][] = [
    [1, [accepted("trades:BTC-USDT")]],
    [2, []], // a trade
    [8, [accepted("books:BTC-USDT")]],
    [10, [alive]],
    [11, [alive]],
    [
      12,
      [refused(
        "books:NOPE-USDT",
        `60018 Wrong URL or channel:books,instId:NOPE-USDT doesn't exist. ${text}`,
      )],
    ],
    [13, [{
      kind: "closing",
      reason: "The connection will soon be closed for a service upgrade. Please reconnect.",
    }]],
    [14, [accepted("tickers:BTC-USDT")]],
    [
      15,
      [refused(
        "candle1m:BTC-USDT",
        `60018 Subscribe failed, wrong URL or channel:candle1m,instId:BTC-USDT doesn't exist. ${text}`,
      )],
    ],
  ];
  for (const [line, events] of expected) {
    assert.deepEqual(mapAll(okx, samples[line - 1]!), events, `samples.jsonl:${line}`);
  }
  assert.equal(mapAll(okx, samples[6]!)[0]?.kind, "malformed", "a REST answer is no frame");
});

Deno.test("okx mapper gives the request and the topic of an acknowledgement", () => {
  const ack = { id: "3", event: "subscribe", arg: { channel: "bbo-tbt", instId: "A-USDT" }, connId: "x" };
  assert.deepEqual(mapAll(okx, JSON.stringify(ack)), [
    { kind: "accepted", requestId: "3", topic: okx.topic("A-USDT") },
  ]);
});

Deno.test("okx mapper gives the request alone where the error names no argument", () => {
  const error = { id: "3", event: "error", code: "60012", msg: "Invalid request" };
  assert.deepEqual(mapAll(okx, JSON.stringify(error)), [
    { kind: "refused", requestId: "3", topic: null, reason: "60012 Invalid request" },
  ]);
});

Deno.test("okx mapper takes other events as a sign of life", () => {
  for (const event of ["unsubscribe", "channel-conn-count", "notice"]) {
    assert.deepEqual(mapAll(okx, JSON.stringify({ event, code: "1" })), [{ kind: "alive" }]);
  }
});

Deno.test("okx mapper says nothing of channels that carry no book", () => {
  for (const channel of ["trades", "candle1m", "constructor"]) {
    assert.deepEqual(mapAll(okx, frame(channel, {})), []);
  }
});

Deno.test("okx mapper gives an empty side of the best bid and ask as none", () => {
  const [event] = mapAll(okx, frame("bbo-tbt", { bids: [["1", "2", "0", "1"]], asks: [], ts: "9" }));
  assert.deepEqual(event, {
    kind: "top",
    venueSymbol: "A-USDT",
    topic: "bbo-tbt:A-USDT",
    bid: ["1", "2", "0", "1"],
    ask: null,
    exchangeTime: 9,
  });
});

Deno.test("okx quote ends with a side that is empty, written as null or without its size", () => {
  const full = { bids: [["1", "2", "0", "1"]], asks: [["3", "4", "0", "1"]], ts: "9" };
  for (const bids of [[], null]) {
    const steps = replay(okx, [frame("bbo-tbt", full), frame("bbo-tbt", { ...full, bids })]);
    assert.deepEqual(steps.map((step) => step.results[0]?.result.kind), ["top", "withdrawn"]);
  }
  const ticker = { bidPx: "1", bidSz: "2", askPx: "3", askSz: "" };
  assert.equal(replay(okx, [frame("tickers", ticker)])[0]?.results[0]?.result.kind, "withdrawn");
});

Deno.test("okx book chains by the number before, idle frames and smaller numbers included", () => {
  const item = (seqId: number, prevSeqId: number, bids: string[][] = []) => ({
    bids,
    asks: [],
    ts: "9",
    checksum: 0,
    seqId,
    prevSeqId,
  });
  const first = { ...item(50, -1, [["1", "2", "0", "1"]]), asks: [["3", "4", "0", "1"]] };
  const kinds = replay(okx, [
    frame("books", first, "snapshot"),
    frame("books", item(50, 50), "update"),
    frame("books", item(60, 50, [["2", "1", "0", "1"]]), "update"),
    frame("books", item(5, 60), "update"),
    frame("books", item(8, 7), "update"),
    frame("books", item(9, 8), "update"),
  ]).map((step) => step.results[0]?.result.kind);
  assert.deepEqual(kinds, ["top", "top", "top", "top", "gap", "waiting"]);
});

Deno.test("okx checksum takes both sides in turns, goes on alone with the longer one and is signed", () => {
  // CRC32 of 100:1:101:2 and of 100:1:101:2:99:3, as zlib of another language gives them.
  assert.equal(checksum([["100", "1"]], [["101", "2"]]), -538653813);
  assert.equal(checksum([["100", "1"], ["99", "3"]], [["101", "2"]]), -563951543);
  const many = Array.from({ length: 40 }, (_, i) => [`${100 - i}`, "1"] as const);
  assert.equal(checksum(many, many), checksum(many.slice(0, 25), many.slice(0, 25)));
});

Deno.test("okx five best levels are a whole book each time", () => {
  const [event] = mapAll(okx, frame("books5", { bids: [["1", "2"]], asks: [["3", "4"]], ts: "9", seqId: 4 }));
  assert.ok(event?.kind === "snapshot");
  assert.equal(event.depth, 5);
});

Deno.test("okx mapper reports broken frames and does not throw", () => {
  const book = {
    bids: [["1", "2", "0", "1"]],
    asks: [["3", "4", "0", "1"]],
    ts: "9",
    seqId: 2,
    prevSeqId: 1,
  };
  const broken = [
    "",
    "7",
    "pon",
    "{}",
    '{"event":7}',
    '{"event":"subscribe","arg":{"channel":"bbo-tbt"}}',
    '{"arg":{"channel":"bbo-tbt","instId":"A-USDT"}}',
    '{"arg":{"channel":"bbo-tbt"},"data":[]}',
    '{"arg":{"channel":"bbo-tbt","instId":"A-USDT"},"data":[null]}',
    frame("bbo-tbt", {}),
    frame("bbo-tbt", { ...book, asks: [["3", 4]] }),
    frame("tickers", { bidPx: "1", bidSz: "x", askPx: "2", askSz: "1" }),
    frame("books", book, "other"),
    frame("books", { ...book, bids: "none" }, "update"),
    frame("books", { ...book, prevSeqId: undefined }, "update"),
    frame("books", { ...book, seqId: "?" }, "update"),
    frame("books", { ...book, checksum: "?" }, "update"),
  ];
  for (const one of broken) {
    assert.deepEqual(mapAll(okx, one).map((event) => event.kind), ["malformed"], one);
  }
});
