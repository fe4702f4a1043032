import assert from "node:assert/strict";
import { expectedTops, fixtureLines, fixtureTest, frameFiles } from "../../../tests/fixtures.ts";
import { assertTop, forEachExpected, mapAll, replay } from "../../../tests/replay.ts";
import { checksum } from "./checksum.ts";
import { kraken } from "./feed.ts";
import { timeOf } from "./time.ts";

function book(type: string, item: string): string {
  return `{"channel":"book","type":"${type}","data":[{"symbol":"A/USD",${item}}]}`;
}

fixtureTest("kraken frames leave the expected best bid and ask", () => {
  const rows = expectedTops("kraken");
  let compared = 0;
  forEachExpected(kraken, "kraken", rows, (row, step) => {
    assertTop(row, step);
    compared++;
  });
  assert.equal(compared, rows.length);
  assert.ok(compared >= 2599);
});

fixtureTest("kraken checksums of all recordings are verified", () => {
  let verified = 0;
  for (const file of frameFiles("kraken").filter((name) => name.startsWith("book"))) {
    for (const { event, result } of replay(kraken, fixtureLines("kraken", file)).flatMap((s) => s.results)) {
      assert.ok(event.kind !== "top" && event.checksum !== null);
      assert.equal(result.kind, "top", file);
      verified++;
    }
  }
  assert.equal(verified, 2598);
});

fixtureTest("kraken book with one digit of one size changed fails its checksum", () => {
  const frames = fixtureLines("kraken", "book25_ethusd_2026.jsonl").slice(0, 4);
  frames[2] = frames[2]!.replace('"qty":2.41130000', '"qty":2.41130001');
  const kinds = replay(kraken, frames).flatMap((step) => step.results.map(({ result }) => result.kind));
  assert.deepEqual(kinds, ["gap", "waiting"]);
});

fixtureTest("kraken answers of the samples are told apart", () => {
  const samples = fixtureLines("kraken", "samples.jsonl");
  const alive = { kind: "alive" };
  const refused = (topic: string | null, reason: string) => ({
    kind: "refused",
    requestId: null,
    topic,
    reason,
  });
  const expected: [line: number, events: unknown[]][] = [
    [1, [{ kind: "malformed", reason: "Not a JSON object" }]], // a v1 frame
    [2, [alive]],
    [4, [{ kind: "accepted", requestId: "1", topic: "ticker:BTC/USD" }]],
    [5, [alive]],
    [6, [refused(null, "Subscription depth not supported")]],
    [7, [refused("book:XBT/USD", "Currency pair not supported XBT/USD")]],
    [8, [alive]],
    [9, [alive]],
    [10, [{ kind: "accepted", requestId: null, topic: "trade:BTC/USD" }]],
    [11, [refused("book:XBT/USD", "Currency pair not supported XBT/USD")]],
    [
      13,
      [refused(null, "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com")],
    ],
  ];
  for (const [line, events] of expected) {
    assert.deepEqual(mapAll(kraken, samples[line - 1]!), events, `samples.jsonl:${line}`);
  }
});

Deno.test("kraken mapper keeps the text of numbers, trailing zeros included", () => {
  const [event] = mapAll(
    kraken,
    book(
      "update",
      `"bids":[{"price":63005.0,"qty":0.00044780}],"asks":[{"price": 1e-08, "qty":0.00000000}],` +
        `"checksum":5,"timestamp":"2026-08-01T02:53:55.223312Z"`,
    ),
  );
  assert.deepEqual(event, {
    kind: "delta",
    venueSymbol: "A/USD",
    topic: kraken.topic("A/USD"),
    bids: [["63005.0", "0.00044780"]],
    asks: [["1e-08", "0.00000000"]],
    followsFrom: null,
    followsTo: null,
    sequence: null,
    checksum: 5,
    exchangeTime: 1785552835223.312,
  });
});

Deno.test("kraken depth is the smallest that holds the snapshot", () => {
  const depthOf = (levels: number) => {
    const asks = Array.from({ length: levels }, (_, i) => `{"price":${i + 1}.0,"qty":1.0}`).join();
    const [event] = mapAll(kraken, book("snapshot", `"bids":[],"asks":[${asks}],"checksum":5`));
    return event?.kind === "snapshot" ? event.depth : undefined;
  };
  assert.deepEqual([0, 9, 10, 11, 25, 26, 1000].map(depthOf), [10, 10, 10, 25, 25, 100, 1000]);
});

Deno.test("kraken checksum drops dots and leading zeros, keeps trailing ones, and counts ten levels", () => {
  // One ask whose digits are 123456789: the standard's check value.
  assert.equal(checksum([], [["1234.5", "6789"]]), 0xcbf43926);
  assert.equal(checksum([], [["0.0012345", "0.067890"]]), checksum([], [["1234567", "890"]]));
  assert.equal(checksum([["6789", "10"]], [["1.2", "345"]]), checksum([], [["123", "45678910"]]));
  const many = Array.from({ length: 25 }, (_, i) => [`${100 + i}`, "1.0"] as const);
  assert.equal(checksum(many, many), checksum(many.slice(0, 10), many.slice(0, 10)));
});

Deno.test("kraken ticker of an empty market makes no quote", () => {
  const ticker = `{"channel":"ticker","type":"snapshot","data":[{"symbol":"A/USD","bid":0.0,"bid_qty":0.0,` +
    `"ask":0.0,"ask_qty":0.0,"timestamp":"1970-01-01T00:00:00.000000Z"}]}`;
  const [step] = replay(kraken, [ticker]);
  assert.deepEqual(step?.results[0]?.result, { kind: "withdrawn", reason: "No bid", exchangeTime: NaN });
});

Deno.test("kraken mapper tells answers apart by request and symbol", () => {
  const answer = (more: object) =>
    mapAll(kraken, JSON.stringify({ method: "subscribe", req_id: 3, ...more }));
  assert.deepEqual(answer({ success: true, result: { channel: "book", symbol: "A/USD", depth: 10 } }), [
    { kind: "accepted", requestId: "3", topic: "book:A/USD" },
  ]);
  assert.deepEqual(answer({ success: false, error: "Currency pair not supported A/USD" }), [
    { kind: "refused", requestId: "3", topic: "book:A/USD", reason: "Currency pair not supported A/USD" },
  ]);
  assert.deepEqual(answer({ success: false, error: "Already subscribed", symbol: "A/USD" }), [
    { kind: "accepted", requestId: "3", topic: "book:A/USD" },
  ]);
  assert.deepEqual(answer({ method: "unsubscribe", success: true }), [{ kind: "alive" }]);
});

Deno.test("kraken times have microseconds, and none where there is no time", () => {
  assert.equal(timeOf("2026-08-01T02:53:53.398143Z"), 1785552833398.143);
  assert.equal(timeOf("2026-08-01T02:53:53Z"), 1785552833000);
  for (const none of [undefined, 5, "", "yesterday", "2026-13-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"]) {
    assert.equal(timeOf(none), null, String(none));
  }
});

Deno.test("kraken mapper reports broken frames and does not throw", () => {
  const broken = [
    "",
    "{}",
    '{"channel":"book","type":"update"}',
    '{"channel":"book","type":"update","data":[null]}',
    '{"channel":"book","type":"update","data":[{"bids":[],"asks":[],"checksum":1}]}',
    book("update", `"bids":[],"asks":[]`),
    book("update", `"bids":[{"price":-1.0,"qty":1.0}],"asks":[],"checksum":1`),
    book("update", `"bids":[{"price":1.0}],"asks":[],"checksum":1`),
    book("update", `"bids":[{"price":1.0.0,"qty":1.0}],"asks":[],"checksum":1`),
    book("update", `"bids":[null],"asks":[],"checksum":1`),
    book("update", `"bids":[],"checksum":1`),
    book("other", `"bids":[],"asks":[],"checksum":1`),
    '{"channel":"ticker","data":[{"symbol":"A/USD","bid":1.0,"bid_qty":{},"ask":2.0,"ask_qty":1.0}]}',
    '{"method":"subscribe"}',
  ];
  for (const one of broken) {
    assert.deepEqual(mapAll(kraken, one).map((event) => event.kind), ["malformed"], one);
  }
});

fixtureTest("kraken updates as they are written most mean the same as with a blank in them", () => {
  let updates = 0;
  for (const file of frameFiles("kraken").filter((name) => name.startsWith("book"))) {
    for (const frame of fixtureLines("kraken", file)) {
      if (!frame.startsWith('{"channel":"book","type":"update"')) continue;
      assert.deepEqual(mapAll(kraken, frame), mapAll(kraken, frame.replace("{", "{ ")));
      updates++;
    }
  }
  assert.ok(updates > 2_000);
});

Deno.test("kraken updates on the edge of the common form mean the same with a blank in them", () => {
  const levels = '[{"price":1.50,"qty":0.00000000},{"price":2,"qty":3.1}]';
  const time = '"timestamp":"2026-08-01T02:53:53.398143Z"';
  const common = `"bids":${levels},"asks":[],"checksum":1,${time}`;
  for (
    const item of [
      common,
      common.replace("1.50", "1.5e1"),
      common.replace("1.50", "-1.5"),
      common.replace("1.50", '"1.5"'),
      common.replace("1.50", "1."),
      common.replace("1.50", ".5"),
      common.replace("1.50", "NaN"),
      common.replace("}]", "},]"),
      common.replace('"checksum":1', '"checksum":-1'),
      common.replace('"checksum":1', '"checksum":99999999999999999999'),
      common.replace('"checksum":1', '"checksum":1.5'),
      common.replace(time, '"timestamp":"soon"'),
      common.replace(time, '"timestamp":null'),
      common.replace(`,${time}`, ""),
    ]
  ) {
    const frame = book("update", item);
    assert.deepEqual(mapAll(kraken, frame), mapAll(kraken, frame.replace("{", "{ ")), item);
  }
  assert.deepEqual(mapAll(kraken, book("update", common)), [{
    kind: "delta",
    venueSymbol: "A/USD",
    topic: "book:A/USD",
    bids: [["1.50", "0.00000000"], ["2", "3.1"]],
    asks: [],
    sequence: null,
    followsFrom: null,
    followsTo: null,
    checksum: 1,
    exchangeTime: timeOf("2026-08-01T02:53:53.398143Z"),
  }]);
});
