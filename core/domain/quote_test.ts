import assert from "node:assert/strict";
import { costOf, edgeBps, proceedsOf } from "./edge.ts";
import { isPrice, isSize } from "./quote.ts";

Deno.test("price and size are finite and above zero", () => {
  for (const check of [isPrice, isSize]) {
    for (const value of [1e-100, 0.00000001, 1, 1e12, 1e100]) {
      assert.ok(check(value), `${value}`);
    }
    for (const value of [NaN, Infinity, -Infinity, 0, -0, -1]) assert.ok(!check(value), `${value}`);
  }
});

Deno.test("what is computed of prices and sizes is finite, however far they are apart", () => {
  const allowed = [Number.MIN_VALUE, 1e-100, 1, 1e100, Number.MAX_VALUE].filter(isPrice);
  assert.deepEqual(allowed, [1e-100, 1, 1e100]);
  for (const a of allowed) {
    for (const b of allowed) {
      assert.ok(Number.isFinite(a * b) && a * b > 0, `${a} × ${b}`);
      assert.ok(Number.isFinite(edgeBps(proceedsOf(a, 10), costOf(b, 10))), `${a} against ${b}`);
    }
  }
});
