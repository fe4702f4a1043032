import assert from "node:assert/strict";
import { Endpoints, restsWithin } from "./endpoints.ts";

const URLS = ["http://first", "http://second"];
const newEndpoints = () => new Endpoints(URLS, { restMs: 100, longestRestMs: 1_000, random: () => 1 });

Deno.test("the first endpoint is wanted until it fails, and again after its rest", () => {
  const endpoints = newEndpoints();
  assert.deepEqual(endpoints.best(0), { url: URLS[0], waitMs: 0 });
  endpoints.failed(URLS[0]!, 0);
  assert.deepEqual(endpoints.best(0), { url: URLS[1], waitMs: 0 });
  assert.deepEqual(endpoints.best(200), { url: URLS[0], waitMs: 0 });
});

Deno.test("where all endpoints rest, the one that is up first is waited for", () => {
  const endpoints = newEndpoints();
  endpoints.failed(URLS[0]!, 0, { retryAfterMs: 5_000 });
  endpoints.failed(URLS[1]!, 0);
  assert.deepEqual(endpoints.best(50), { url: URLS[1], waitMs: 150 });
});

/** One endpoint that fails as often as it is up again; how long it rests each time. */
function restsOf(endpoints: Endpoints, times: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: times }, () => {
    endpoints.failed(URLS[0]!, nowMs);
    const { waitMs } = endpoints.best(nowMs);
    nowMs += waitMs;
    return waitMs;
  });
}

Deno.test("an endpoint rests longer each time it fails, until it succeeds", () => {
  const endpoints = new Endpoints([URLS[0]!], { restMs: 100, longestRestMs: 1_000, random: () => 1 });
  assert.deepEqual(restsOf(endpoints, 5), [200, 400, 800, 1_000, 1_000]);
  endpoints.succeeded(URLS[0]!, 10_000);
  assert.deepEqual(restsOf(endpoints, 2, 20_000), [200, 400]);
});

Deno.test("calls that fail together make one rest, however many there are", () => {
  const endpoints = new Endpoints([URLS[0]!], { restMs: 100, longestRestMs: 10_000, random: () => 1 });
  for (let n = 0; n < 50; n++) endpoints.failed(URLS[0]!, 10, { askedAtMs: 0 });
  assert.equal(endpoints.best(10).waitMs, 200);
  // One of them comes back only after the rest, and may say how long the next has to be.
  endpoints.failed(URLS[0]!, 300, { askedAtMs: 0 });
  assert.equal(endpoints.best(300).waitMs, 0);
  endpoints.failed(URLS[0]!, 300, { askedAtMs: 0, retryAfterMs: 50 });
  endpoints.failed(URLS[0]!, 310, { askedAtMs: 0, retryAfterMs: 5_000 });
  endpoints.failed(URLS[0]!, 320, { askedAtMs: 0, retryAfterMs: 1_000 });
  assert.equal(endpoints.best(320).waitMs, 4_990);
  assert.deepEqual(restsOf(endpoints, 2, 6_000), [400, 800], "there was one moment of failure before");
});

Deno.test("an answer to what was asked before a rest does not end it", () => {
  const endpoints = newEndpoints();
  endpoints.failed(URLS[0]!, 100, { retryAfterMs: 5_000 });
  endpoints.succeeded(URLS[0]!, 90);
  assert.ok(endpoints.isResting(URLS[0]!, 5_000));
  assert.equal(endpoints.best(5_000).url, URLS[1]);
  assert.ok(!endpoints.isResting(URLS[0]!, 5_100));
});

Deno.test("of endpoints that are awake, those that were asked already come last", () => {
  const endpoints = newEndpoints();
  assert.equal(endpoints.best(0, new Set([URLS[0]!])).url, URLS[1]);
  assert.equal(endpoints.best(0, new Set(URLS)).url, URLS[0]);
  endpoints.failed(URLS[1]!, 0);
  assert.deepEqual(endpoints.best(0, new Set([URLS[0]!])), { url: URLS[0], waitMs: 0 });
});

Deno.test("no rest is longer than a block takes, nor shorter than some hundred milliseconds", () => {
  const backoff = { backoffMs: 500, maxBackoffMs: 30_000 };
  assert.deepEqual(restsWithin(12_000, backoff), { restMs: 500, longestRestMs: 12_000 });
  assert.deepEqual(restsWithin(250, backoff), { restMs: 250, longestRestMs: 500 });
  assert.deepEqual(restsWithin(600_000, backoff), { restMs: 500, longestRestMs: 30_000 });
});

Deno.test("no endpoint at all is a mistake", () => {
  assert.throws(
    () => new Endpoints([], { restMs: 1, longestRestMs: 1, random: () => 0 }),
    /name at least one/,
  );
});
