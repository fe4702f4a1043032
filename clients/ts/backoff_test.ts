import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

Deno.test("waits double up to the longest one", () => {
  const backoff = new Backoff(500, 15_000, () => 1);
  assert.deepEqual(Array.from({ length: 7 }, () => backoff.next()), [
    1000,
    2000,
    4000,
    8000,
    15_000,
    15_000,
    15_000,
  ]);
});

Deno.test("a wait is never shorter than the first one, and chance decides what lies above", () => {
  for (const random of [0, 0.25, 0.999]) {
    const backoff = new Backoff(100, 1000, () => random);
    assert.equal(backoff.next(), Math.round(100 + 100 * random));
    assert.equal(backoff.next(), Math.round(100 + 300 * random));
  }
});

Deno.test("a connection that lived long is no failure, one that lived shortly is", () => {
  const backoff = new Backoff(100, 1000, () => 1);
  backoff.next();
  backoff.lived(999);
  assert.equal(backoff.next(), 400);
  backoff.lived(1000);
  assert.equal(backoff.next(), 200);
});

Deno.test("a longest wait below the first one is as long as the first one", () => {
  for (const random of [0, 0.5, 0.999]) assert.equal(new Backoff(1000, 10, () => random).next(), 1000);
});
