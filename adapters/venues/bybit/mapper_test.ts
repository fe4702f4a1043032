import assert from "node:assert/strict";
import { expectedTops, fixtureLines, fixtureTest, frameFiles } from "../../../tests/fixtures.ts";
import { assertTop, forEachExpected, mapAll, replay } from "../../../tests/replay.ts";
import { bybit } from "./feed.ts";

function frame(topic: string, type: string, data: unknown, times: object = { ts: 20, cts: 10 }): string {
  return JSON.stringify({ topic, type, data, ...times });
}

fixtureTest("bybit frames leave the expected best bid and ask", () => {
  const rows = expectedTops("bybit");
  let compared = 0;
  forEachExpected(bybit, "bybit", rows, (row, step) => {
    assertTop(row, step);
    compared++;
  });
  assert.equal(compared, rows.length);
  assert.ok(compared >= 46);
});

fixtureTest("bybit recordings have no gap and nothing malformed", () => {
  for (const file of ["orderbook1_and_50_btcusdt_testnet_2026.jsonl", "orderbook50_btcusdt_2026.jsonl"]) {
    for (const [index, { events, results }] of replay(bybit, fixtureLines("bybit", file)).entries()) {
      assert.ok(!events.some((event) => event.kind === "malformed"), `${file}:${index + 1}`);
      assert.ok(results.every(({ result }) => result.kind === "top"), `${file}:${index + 1}`);
    }
  }
});

fixtureTest("bybit answers of the samples are told apart", () => {
  const samples = fixtureLines("bybit", "samples.jsonl");
  const alive = { kind: "alive" };
  const refused = (requestId: string | null, reason: string) => ({
    kind: "refused",
    requestId,
    topic: null,
    reason,
  });
  const expected: [line: number, events: unknown[]][] = [
    [3, []], // a trade
    [6, [alive]],
    [7, [{ kind: "accepted", requestId: "sub-orderbook-1", topic: null }]],
    [8, [refused(null, "Invalid topic: invalid.topic.BTCUSDT")]],
    [9, [{ kind: "accepted", requestId: null, topic: null }]],
    [10, [alive]],
    [11, [alive]],
    [12, [refused("unknown_symbol", "error:handler not found,topic:orderbook.50.NOPEUSDT")]],
  ];
  for (const [line, events] of expected) {
    assert.deepEqual(mapAll(bybit, samples[line - 1]!), events, `samples.jsonl:${line}`);
  }
});

fixtureTest("bybit recording tells its answers apart", () => {
  const frames = fixtureLines("bybit", "orderbook1_and_50_btcusdt_testnet_2026.jsonl");
  const kinds = frames.flatMap((one) => mapAll(bybit, one)).filter((event) =>
    event.kind !== "snapshot" && event.kind !== "delta"
  );
  assert.deepEqual(kinds[0], { kind: "accepted", requestId: "sub1", topic: null });
  assert.equal(kinds.at(-1)?.kind, "refused");
});

fixtureTest("bybit frames lead to the same events with blanks and with another order of keys", () => {
  let compared = 0;
  for (const file of frameFiles("bybit")) {
    for (const one of fixtureLines("bybit", file)) {
      const { data, ...rest } = JSON.parse(one);
      const reordered = JSON.stringify(data === undefined ? rest : { data, ...rest });
      assert.deepEqual(mapAll(bybit, one.replace("{", "{ ")), mapAll(bybit, one), one);
      assert.deepEqual(mapAll(bybit, reordered), mapAll(bybit, one), one);
      compared++;
    }
  }
  assert.ok(compared >= 68);
});

Deno.test("bybit mapper takes the symbol of the topic, not the one inside the data", () => {
  const [event] = mapAll(
    bybit,
    frame("orderbook.1.ABCUSDT", "snapshot", { s: "XABC", b: [["1", "2"]], a: [["3", "4"]], u: 7 }),
  );
  assert.deepEqual(event, {
    kind: "snapshot",
    venueSymbol: "ABCUSDT",
    topic: "orderbook.1.ABCUSDT",
    bids: [["1", "2"]],
    asks: [["3", "4"]],
    sequence: 7,
    depth: 1,
    checksum: null,
    exchangeTime: 10,
  });
});

Deno.test("bybit mapper takes the time of publishing where the engine's is missing", () => {
  const data = { b: [["1", "2"]], a: [["3", "4"]], u: 7 };
  const [event] = mapAll(bybit, frame("orderbook.1.ABCUSDT", "snapshot", data, { ts: 20 }));
  assert.ok(event?.kind === "snapshot");
  assert.equal(event.exchangeTime, 20);
});

Deno.test("bybit mapper reads update number 1 as a snapshot: the service restarted", () => {
  const data = { b: [["1", "2"]], a: [["3", "4"]], u: 1 };
  assert.equal(mapAll(bybit, frame("orderbook.1.ABCUSDT", "delta", data))[0]?.kind, "snapshot");
  assert.equal(mapAll(bybit, frame("orderbook.50.ABCUSDT", "delta", data))[0]?.kind, "snapshot");
});

Deno.test("bybit book with a jump in its update numbers is a gap", () => {
  const snapshot = frame("orderbook.50.AUSDT", "snapshot", { b: [["1", "2"]], a: [["3", "4"]], u: 7 });
  const next = (u: number) => frame("orderbook.50.AUSDT", "delta", { b: [["2", "2"]], a: [], u });
  const kinds = replay(bybit, [snapshot, next(8), next(10), next(11), snapshot]).map((step) =>
    step.results[0]?.result.kind
  );
  assert.deepEqual(kinds, ["top", "top", "gap", "waiting", "top"]);
});

Deno.test("bybit best price that moves in one-sided deltas is followed, with or without removal", () => {
  const topic = "orderbook.1.AUSDT";
  const side = (u: number, data: object) => frame(topic, "delta", { b: [], a: [], u, ...data });
  const tops = replay(bybit, [
    frame(topic, "snapshot", { b: [["10", "1"]], a: [["12", "1"]], u: 7 }),
    side(8, { b: [["9", "2"]] }),
    side(9, { a: [["12", "0"], ["13", "3"]] }),
  ]).map(({ results }) => {
    const result = results[0]!.result;
    return result.kind === "top" ? [result.bid, result.ask] : result.kind;
  });
  assert.deepEqual(tops, [[10, 12], [9, 12], [9, 13]]);
});

Deno.test("bybit mapper counts an already subscribed topic as accepted, the rest of the request as refused", () => {
  const reason = "error:already subscribed,topic:orderbook.1.AUSDT";
  const answer = JSON.stringify({ success: false, ret_msg: reason, req_id: "4", op: "subscribe" });
  assert.deepEqual(mapAll(bybit, answer), [
    { kind: "accepted", requestId: null, topic: "orderbook.1.AUSDT" },
    { kind: "refused", requestId: "4", topic: null, reason },
  ]);
});

Deno.test("bybit mapper says nothing of topics that carry no book, and takes an unsubscription as a sign of life", () => {
  assert.deepEqual(mapAll(bybit, frame("orderbook.rpi.AUSDT", "snapshot", {})), []);
  assert.deepEqual(mapAll(bybit, frame("tickers.AUSDT", "snapshot", {})), []);
  assert.deepEqual(mapAll(bybit, `{"success":true,"op":"unsubscribe","req_id":"1"}`), [{ kind: "alive" }]);
});

Deno.test("bybit mapper reports broken frames and does not throw", () => {
  const book = { b: [["1", "2"]], a: [["3", "4"]], u: 7 };
  const broken = [
    "",
    "null",
    "[]",
    "pong",
    '{"topic":"orderbook.1.AUSDT","type":"snap',
    "{}",
    frame("orderbook.1.AUSDT", "snapshot", null),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, b: undefined }),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, b: [["-1", "2"]] }),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, b: [[1, 2]] }),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, a: [["NaN", "2"]] }),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, a: [["3"]] }),
    frame("orderbook.1.AUSDT", "snapshot", { ...book, u: "many" }),
    frame("orderbook.1.AUSDT", "other", book),
  ];
  for (const one of broken) {
    assert.deepEqual(mapAll(bybit, one).map((event) => event.kind), ["malformed"], one);
  }
});
