import assert from "node:assert/strict";
import type { Instrument } from "../../../core/domain/instrument.ts";
import { canonicalSymbol, ListingError, onePerSymbol, parseBody, positiveOf, stepOf } from "./listing.ts";

function instrument(symbol: string, venueSymbol: string, tradable: boolean): Instrument {
  const none = { tickSize: null, lotSize: null, minSizeBase: null, minNotionalQuote: null };
  return { symbol, venueSymbol, tradable, ...none };
}

Deno.test("listing keeps the tradable one of two instruments with the same symbol, in either order", () => {
  const dead = instrument("A-B", "OLD_AB", false);
  const live = instrument("A-B", "AB", true);
  assert.deepEqual(onePerSymbol("v", [dead, live]), [live]);
  assert.deepEqual(onePerSymbol("v", [live, dead]), [live]);
  assert.deepEqual(onePerSymbol("v", [live, { ...live, venueSymbol: "AB2" }]), [live]);
});

Deno.test("listing without a usable row is no list", () => {
  assert.throws(() => onePerSymbol("v", []), ListingError);
});

Deno.test("listing that is not JSON says whose it is and how it begins", () => {
  assert.throws(() => parseBody("okx", "<html>Too many requests"), {
    name: "ListingError",
    message:
      'Instrument list of okx cannot be used: The body is not JSON, it begins with "<html>Too many requests"',
  });
});

Deno.test("listing makes canonical symbols in upper case and none of odd names", () => {
  assert.equal(canonicalSymbol("btc", "Usdt"), "BTC-USDT");
  assert.equal(canonicalSymbol("币安人生", "USDT"), "币安人生-USDT");
  for (const base of ["", "A-B", "A B", "A/B", undefined, 5]) {
    assert.equal(canonicalSymbol(base, "USDT"), undefined);
  }
});

Deno.test("listing turns counts of decimals into the nearest double of the step", () => {
  assert.equal(stepOf(8), 1e-8);
  assert.equal(stepOf(0), 1);
  assert.equal(stepOf(1), 0.1);
  for (const none of [-1, 1.5, NaN, "8", null, undefined, 400]) assert.equal(stepOf(none), null);
});

Deno.test("listing has no step or minimum where the venue writes none", () => {
  assert.equal(positiveOf("0.00001"), 0.00001);
  for (const none of ["", "0", "-1", "x", "Infinity", null, undefined, {}]) {
    assert.equal(positiveOf(none), null);
  }
});
