import assert from "node:assert/strict";
import { fixtureTest } from "../../../tests/fixtures.ts";
import { assertInstrumentLists, assertRefused } from "../../../tests/listing.ts";
import { kraken } from "./feed.ts";

fixtureTest("kraken instrument lists lead to the expected instruments", () => {
  assert.ok(assertInstrumentLists(kraken, "kraken") >= 12);
});

function pairs(...rows: object[]): string {
  return JSON.stringify({ error: [], result: Object.fromEntries(rows.map((row, i) => [`P${i}`, row])) });
}

Deno.test("kraken coins get their common names, on both sides of a pair", () => {
  const parsed = kraken.instruments.parse(pairs({ wsname: "XDG/XBT" }, { wsname: "XBTC/USD" }));
  assert.deepEqual(parsed.map((one) => [one.symbol, one.venueSymbol]), [
    ["DOGE-BTC", "DOGE/BTC"],
    ["XBTC-USD", "XBTC/USD"],
  ]);
});

Deno.test("kraken instrument is tradable only while it is online", () => {
  const tradable = (status: string) =>
    kraken.instruments.parse(pairs({ wsname: "A/USD", status }))[0]?.tradable;
  assert.deepEqual(["online", "cancel_only", "post_only"].map(tradable), [true, false, false]);
});

Deno.test("kraken pair without a name on the socket is left out", () => {
  const parsed = kraken.instruments.parse(pairs({ altname: "AUSD.d" }, { wsname: "A/USD" }));
  assert.deepEqual(parsed.map((one) => one.symbol), ["A-USD"]);
});

Deno.test("kraken body that is no instrument list is refused", () => {
  assertRefused(kraken, "Bad gateway", /not JSON/);
  assertRefused(kraken, JSON.stringify({ error: [] }), /no result/);
  assertRefused(kraken, pairs(), /no row/);
  assertRefused(kraken, JSON.stringify({ error: ["EGeneral:Too many requests"] }), /EGeneral:Too many/);
});

Deno.test("kraken names can be had by rule where there is no list", () => {
  assert.equal(kraken.instruments.venueSymbol("BTC-USDT"), "BTC/USDT");
});
