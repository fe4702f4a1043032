import assert from "node:assert/strict";
import { age, amount, bps, frameAge, price, size } from "./format.ts";

Deno.test("numbers are grouped, and keep the decimals that their size needs", () => {
  assert.equal(price(67012.5), "67,012.50");
  assert.equal(price(0.4691), "0.46910");
  assert.equal(price(0.00001234), "0.00001234");
  assert.equal(bps(1234.56), "1,234.6");
  assert.equal(amount(12345.6), "12,346");
  assert.equal(amount(0.0312), "0.0312");
  assert.equal(amount(-4.5), "-4.50");
  assert.equal(size(0.5971), "0.5971");
});

Deno.test("ages are whole seconds and never negative", () => {
  assert.equal(age(-5), "0 s");
  assert.equal(age(59_999), "59 s");
  assert.equal(age(125_000), "2 m 05 s");
  assert.equal(age(3_720_000), "1 h 02 m");
});

Deno.test("a frame's age is exact where it is short", () => {
  assert.equal(frameAge(79.6), "80 ms");
  assert.equal(frameAge(1234), "1.2 s");
  assert.equal(frameAge(42_000), "42 s");
});
