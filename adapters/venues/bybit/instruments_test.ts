import assert from "node:assert/strict";
import { fixtureTest } from "../../../tests/fixtures.ts";
import { assertInstrumentLists, assertRefused } from "../../../tests/listing.ts";
import { bybit } from "./feed.ts";

fixtureTest("bybit instrument lists lead to the expected instruments", () => {
  assert.ok(assertInstrumentLists(bybit, "bybit") >= 2);
});

function list(...rows: object[]): string {
  return JSON.stringify({ retCode: 0, result: { list: rows } });
}

Deno.test("bybit instrument is tradable only while it is trading", () => {
  const row = { symbol: "AUSDT", baseCoin: "A", quoteCoin: "USDT" };
  const tradable = (status: string) => bybit.instruments.parse(list({ ...row, status }))[0]?.tradable;
  assert.deepEqual(["Trading", "PreLaunch", "Closed"].map(tradable), [true, false, false]);
});

Deno.test("bybit list skips rows that lack a name and keeps the others", () => {
  const parsed = bybit.instruments.parse(list({}, { symbol: "AUSDT", baseCoin: "A", quoteCoin: "USDT" }));
  assert.deepEqual(parsed.map((one) => [one.symbol, one.tickSize]), [["A-USDT", null]]);
});

Deno.test("bybit body that is no instrument list is refused", () => {
  assertRefused(bybit, "<html>", /not JSON/);
  assertRefused(bybit, "[]", /no result.list/);
  assertRefused(bybit, list(), /no row/);
  assertRefused(
    bybit,
    JSON.stringify({ retCode: 10006, retMsg: "Too many visits" }),
    /10006 Too many visits/,
  );
});

Deno.test("bybit names can be had by rule where there is no list", () => {
  assert.equal(bybit.instruments.venueSymbol("BTC-USDT"), "BTCUSDT");
});
