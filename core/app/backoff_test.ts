import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

Deno.test("backoff doubles its ceiling with every failure up to the longest wait", () => {
  const backoff = new Backoff(500, 30_000, () => 1);
  const waits = Array.from({ length: 8 }, () => backoff.next());
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("backoff draws between the first wait and the ceiling, so that no loop runs hot", () => {
  const least = new Backoff(500, 30_000, () => 0);
  assert.deepEqual([least.next(), least.next(), least.next()], [500, 500, 500]);
  const middle = new Backoff(500, 30_000, () => 0.5);
  assert.deepEqual([middle.next(), middle.next()], [750, 1_250]);
});

Deno.test("backoff begins anew after a reset, and stays finite after a million failures", () => {
  const backoff = new Backoff(500, 30_000, () => 1);
  for (let n = 0; n < 1_000_000; n++) backoff.next();
  assert.equal(backoff.next(), 30_000);
  backoff.reset();
  assert.equal(backoff.next(), 1_000);
});
