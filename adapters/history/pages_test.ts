import assert from "node:assert/strict";
import type { Bar } from "../../core/domain/bar.ts";
import { inOrder, PAGE_ROWS, reachOf } from "./pages.ts";

const bar = (exchange: string, timestamp: number) => ({ exchange, timestamp }) as Bar;
const seen = (bars: Bar[]) => bars.map(({ exchange, timestamp }) => `${exchange}${timestamp}`);

Deno.test("a page ends where the exchange with the shortest reach does", () => {
  const series = [[bar("a", 0), bar("a", 1)], [bar("b", 1), bar("b", 7)], [bar("c", 0)]];
  const { bars, next } = inOrder(series, 2, 1);
  assert.deepEqual(seen(bars), ["a0", "c0", "a1", "b1"]);
  assert.equal(next, 2);
});

Deno.test("a page with less than was asked for of every exchange is the last", () => {
  const { bars, next } = inOrder([[bar("b", 5)], [bar("a", 5)], []], 2, 1);
  assert.deepEqual(seen(bars), ["a5", "b5"]);
  assert.equal(next, undefined);
  assert.deepEqual(inOrder([], 2, 1), { bars: [], next: undefined });
});

Deno.test("a page has about a thousand rows, whatever the number of exchanges", () => {
  for (const exchanges of [1, 3, 40]) assert.ok(reachOf(exchanges) * exchanges <= PAGE_ROWS + exchanges);
  assert.ok(reachOf(0) > 0);
});
