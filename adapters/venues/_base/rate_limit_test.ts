import assert from "node:assert/strict";
import { RateLimit } from "./rate_limit.ts";

Deno.test("rate limit lets no more than its count through in any window", () => {
  const limit = new RateLimit(3, 1_000);
  const taken: number[] = [];
  for (let now = 0; now < 10_000; now += 7) if (limit.take(now)) taken.push(now);
  for (const [at, time] of taken.entries()) {
    const later = taken[at + 3];
    if (later !== undefined) assert(later - time >= 1_000);
  }
  // It does not hold back more than it must: three in each window, each at most one look late.
  assert(taken.length >= 28 && taken.length <= 30);
});

Deno.test("rate limit of less than one still lets one through", () => {
  const limit = new RateLimit(0.5, 1_000);
  assert(limit.take(0));
  assert(!limit.take(999));
  assert(limit.take(1_000));
});
