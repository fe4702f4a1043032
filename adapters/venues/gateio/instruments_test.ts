import assert from "node:assert/strict";
import { fixtureTest } from "../../../tests/fixtures.ts";
import { assertInstrumentLists, assertRefused } from "../../../tests/listing.ts";
import { gateio } from "./feed.ts";

fixtureTest("gateio instrument lists lead to the expected instruments", () => {
  assert.ok(assertInstrumentLists(gateio, "gate") >= 13);
});

function row(more: object): object {
  return { id: "A_USDT", base: "A", quote: "USDT", precision: 4, amount_precision: 0, ...more };
}

Deno.test("gateio instrument is tradable only where both sides are", () => {
  const tradable = (status: string) =>
    gateio.instruments.parse(JSON.stringify([row({ trade_status: status })]))[0]?.tradable;
  assert.deepEqual(
    ["tradable", "untradable", "sellable", "buyable"].map(tradable),
    [true, false, false, false],
  );
});

Deno.test("gateio decimal counts become steps, and names need not be ASCII", () => {
  const [parsed] = gateio.instruments.parse(JSON.stringify([row({ id: "币_USDT", base: "币" })]));
  assert.equal(parsed?.symbol, "币-USDT");
  assert.deepEqual([parsed?.tickSize, parsed?.lotSize, parsed?.minSizeBase], [0.0001, 1, null]);
});

Deno.test("gateio body that is no instrument list is refused", () => {
  assertRefused(gateio, "[", /not JSON/);
  assertRefused(gateio, "{}", /not a list/);
  assertRefused(gateio, "[]", /no row/);
  assertRefused(gateio, JSON.stringify({ label: "TOO_FAST", message: "Slow down" }), /TOO_FAST Slow down/);
});

Deno.test("gateio names can be had by rule where there is no list", () => {
  assert.equal(gateio.instruments.venueSymbol("BTC-USDT"), "BTC_USDT");
});
