import assert from "node:assert/strict";
import { isPrice, isSize } from "./quote.ts";

Deno.test("price and size are finite and above zero", () => {
  for (const check of [isPrice, isSize]) {
    for (const value of [Number.MIN_VALUE, 0.00000001, 1, 1e12, Number.MAX_VALUE]) {
      assert.ok(check(value), `${value}`);
    }
    for (const value of [NaN, Infinity, -Infinity, 0, -0, -1]) assert.ok(!check(value), `${value}`);
  }
});
