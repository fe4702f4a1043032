import assert from "node:assert/strict";
import { feesOf } from "./episode.ts";

const moment = { grossBps: 20, notionalQuote: 10_000, impactQuote: 1.25, gasQuote: 4.5, profitQuote: 7 };

Deno.test("fees of a moment are what impact, gas and profit leave of the gross edge", () => {
  assert.equal(feesOf(moment), 20 - 1.25 - 4.5 - 7);
});

Deno.test("where no fee was taken it is zero, not the rounding of the other figures", () => {
  const [grossBps, notionalQuote] = [29.85074626865671, 33_499.99];
  const free = { grossBps, notionalQuote, impactQuote: 0.1, gasQuote: 0.2 };
  const rest = grossBps * notionalQuote / 10_000 - 0.1 - 0.2;
  assert.equal(feesOf({ ...free, profitQuote: rest + 1e-13 }), 0);
  assert.ok(feesOf({ ...free, profitQuote: rest - 1e-6 }) > 0);
});
