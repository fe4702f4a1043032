import assert from "node:assert/strict";
import { mapLine } from "./mapper.ts";

const TIME = 1_790_000_000_000;

Deno.test("line states a price, as number or text, with its time in milliseconds or seconds", () => {
  const expected = { kind: "price", symbol: "BTCUSDT", price: 67000.5, exchangeTime: TIME };
  for (const price of ["67000.5", '"67000.5"', "6.70005e4"]) {
    for (const time of ["1790000000000", "1790000000", '"1790000000"', '"1790000000000"']) {
      assert.deepEqual(mapLine(`{"symbol":"BTCUSDT","price":${price},"timestamp":${time}}`), expected);
    }
  }
});

Deno.test("line without a timestamp has no time", () => {
  const line = mapLine('{"symbol":"A","price":1}');
  assert.deepEqual(line, { kind: "price", symbol: "A", price: 1, exchangeTime: NaN });
});

Deno.test("line with both sides and sizes states a quote, one with less only its price", () => {
  const fields = { symbol: "A-B", price: 2, timestamp: TIME, bid: 1, bidSize: "10", ask: "3", askSize: 4 };
  const quote = { kind: "top", symbol: "A-B", bid: 1, bidSize: 10, ask: 3, askSize: 4, exchangeTime: TIME };
  assert.deepEqual(mapLine(JSON.stringify({ ...fields, volume: 9 })), quote);
  for (const name of ["bid", "bidSize", "ask", "askSize"]) {
    for (const nothing of [undefined, null]) {
      assert.equal(mapLine(JSON.stringify({ ...fields, [name]: nothing })).kind, "price");
    }
  }
});

Deno.test("line that is anything else is malformed and says why", () => {
  const bad = [
    "",
    "null",
    "[]",
    "42",
    "{",
    '"text"',
    "{}",
    '{"symbol":"A"}',
    '{"symbol":"","price":1}',
    '{"symbol":1,"price":1}',
    '{"symbol":"A","price":"1,5"}',
    '{"symbol":"A","price":"0x10"}',
    '{"symbol":"A","price":""}',
    '{"symbol":"A","price":true}',
    '{"symbol":"A","price":1e999}',
    '{"symbol":"A","price":[1]}',
    '{"symbol":"A","price":1,"timestamp":"now"}',
    '{"symbol":"A","price":1,"bid":"x","bidSize":1,"ask":2,"askSize":1}',
  ];
  for (const text of bad) {
    const line = mapLine(text);
    assert.equal(line.kind, "malformed", text);
    assert(line.kind === "malformed" && line.reason !== "");
  }
});
