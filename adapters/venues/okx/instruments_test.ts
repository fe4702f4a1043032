import assert from "node:assert/strict";
import { fixtureTest } from "../../../tests/fixtures.ts";
import { assertInstrumentLists, assertRefused } from "../../../tests/listing.ts";
import { okx } from "./feed.ts";

fixtureTest("okx instrument lists lead to the expected instruments", () => {
  assert.ok(assertInstrumentLists(okx, "okx") >= 16);
});

function list(...rows: object[]): string {
  return JSON.stringify({ code: "0", msg: "", data: rows });
}

Deno.test("okx instrument is tradable only while it is live", () => {
  const row = { instId: "A-USDT", baseCcy: "A", quoteCcy: "USDT" };
  const tradable = (state: string) => okx.instruments.parse(list({ ...row, state }))[0]?.tradable;
  assert.deepEqual(["live", "suspend", "preopen", "test"].map(tradable), [true, false, false, false]);
});

Deno.test("okx body that is no instrument list is refused", () => {
  assertRefused(okx, "", /not JSON/);
  assertRefused(okx, "null", /no data list/);
  assertRefused(okx, list({ instId: "A-USDT" }), /no row/);
  assertRefused(okx, JSON.stringify({ code: "50011", msg: "Too Many Requests", data: [] }), /50011 Too Many/);
});

Deno.test("okx names can be had by rule where there is no list", () => {
  assert.equal(okx.instruments.venueSymbol("BTC-USDT"), "BTC-USDT");
});
