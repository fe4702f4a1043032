import assert from "node:assert/strict";
import { costOf, edgeBps, proceedsOf } from "./edge.ts";

/** Equal to the last digits that a float of this size can carry. */
function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} ≠ ${expected}`);
}

Deno.test("buyer pays the ask and the fee on top", () => {
  // 67,000.5 at 10 bps: 67,000.5 × 1.001 = 67,067.5005
  near(costOf(67_000.5, 10), 67_067.5005);
  near(costOf(0.00001234, 40), 0.00001238936);
  assert.equal(costOf(123.45, 0), 123.45);
});

Deno.test("seller receives the bid less the fee", () => {
  // 67,300.25 at 40 bps: 67,300.25 × 0.996 = 67,031.049
  near(proceedsOf(67_300.25, 40), 67_031.049);
  assert.equal(proceedsOf(123.45, 0), 123.45);
});

Deno.test("rebate is a negative fee: the buyer pays less, the seller receives more", () => {
  near(costOf(100, -2.5), 99.975);
  near(proceedsOf(100, -2.5), 100.025);
});

Deno.test("edge is what comes back over what was paid, in hundredths of a percent", () => {
  near(edgeBps(101, 100), 100);
  near(edgeBps(100, 100), 0);
  near(edgeBps(99.5, 100), -50);
  near(edgeBps(200, 100), 10_000);
});

Deno.test("two fees of 10 bps eat a little more than 20 bps of a gross edge", () => {
  // Bought at 100, sold at 100.50: 50 bps gross. 100.50 × 0.999 = 100.3995; 100 × 1.001 = 100.1;
  // 100.3995 / 100.1 − 1 = 0.2995 / 100.1 = 29.920079920… bps.
  near(edgeBps(100.5, 100), 50);
  near(edgeBps(proceedsOf(100.5, 10), costOf(100, 10)), 29.92007992007992);
});

Deno.test("direction matters: the same two quotes the other way round lose", () => {
  const there = edgeBps(proceedsOf(101, 10), costOf(100, 10));
  const back = edgeBps(proceedsOf(100, 10), costOf(101, 10));
  near(there, 79.82017982017982);
  assert.ok(there > 0 && back < -there);
});

Deno.test("missing price has no edge", () => {
  assert.ok(Number.isNaN(edgeBps(proceedsOf(NaN, 10), costOf(100, 10))));
  assert.ok(Number.isNaN(edgeBps(proceedsOf(100, 10), costOf(NaN, 10))));
});
