import assert from "node:assert/strict";
import type { Quote } from "../../core/domain/quote.ts";
import {
  ALL_FIELDS,
  fieldNames,
  fieldsOf,
  hset,
  priceKey,
  quoteOf,
  quotesOf,
  streamId,
  xadd,
} from "./fields.ts";

const WHOLE: Quote = {
  exchange: "okx",
  symbol: "BTC-USDT",
  bid: 0.1 + 0.2,
  bidSize: 1e21,
  ask: 5e-324,
  askSize: 3,
  price: 1 / 3,
  exchangeTime: 1,
  receivedTime: 1_763_745_547_123.4568,
  fresh: true,
};
const BARE: Quote = {
  ...WHOLE,
  bid: null,
  bidSize: null,
  ask: null,
  askSize: null,
  price: null,
  exchangeTime: null,
  fresh: false,
};

Deno.test("a quote is the same again after it was fields, to the last bit", () => {
  for (const quote of [WHOLE, BARE]) {
    assert.deepEqual(quoteOf(hset("key", quote).slice(2), "okx", "BTC-USDT"), quote);
    const entry = ["1-0", xadd("key", quote, 600).slice(6)];
    assert.deepEqual(quotesOf([entry], "okx", "BTC-USDT"), [quote]);
  }
});

Deno.test("fields that are there are a set, with names", () => {
  assert.equal(fieldsOf(WHOLE), ALL_FIELDS);
  assert.equal(fieldsOf(BARE), 0);
  assert.deepEqual(fieldNames(fieldsOf({ ...BARE, bid: 1, price: 2 })), ["bid", "price"]);
});

Deno.test("ids of a stream are the time in milliseconds and microseconds, and grow with it", () => {
  assert.equal(streamId(1_763_745_547_123), "1763745547123-0");
  assert.equal(streamId(1_763_745_547_123.5), "1763745547123-500");
  assert.equal(streamId(-5), "0-0");
});

Deno.test("what is no quote is none", () => {
  for (
    const reply of [undefined, null, "text", 5, [], ["bid", "1"], ["receivedTime", "soon"], ["receivedTime"]]
  ) {
    assert.equal(quoteOf(reply, "okx", "BTC-USDT"), undefined);
  }
  assert.deepEqual(
    quotesOf(["x", null, ["1-0", null], ["1-0", ["receivedTime", ""]]], "okx", "BTC-USDT"),
    [],
  );
  const odd = quoteOf(["receivedTime", "5", "bid", "NaN", "ask", "Infinity"], "okx", "BTC-USDT");
  assert.deepEqual(odd, { ...BARE, receivedTime: 5 });
});

Deno.test("test mode has keys of its own", () => {
  assert.equal(priceKey("live", "okx", "BTC-USDT"), "price:okx:BTC-USDT");
  assert.equal(priceKey("test", "okx", "BTC-USDT"), "test:price:okx:BTC-USDT");
});
