import assert from "node:assert/strict";
import { median, quantile, slope } from "./stats.ts";

Deno.test("quantiles are samples: the smallest that so large a share does not exceed", () => {
  const samples = [5, 1, 4, 2, 3, 6, 7, 8, 9, 10];
  assert.deepEqual([0, 0.5, 0.9, 0.99, 1].map((q) => quantile(samples, q)), [1, 5, 9, 10, 10]);
  assert.equal(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("slope is that of the straight line closest to the points", () => {
  assert.equal(slope([[0, 1], [1, 3], [2, 5]]), 2);
  assert.ok(Math.abs(slope([[0, 0], [1, 1], [2, 0], [3, 1]]) - 0.2) < 1e-12);
  assert.ok(Number.isNaN(slope([[1, 1]])));
});
