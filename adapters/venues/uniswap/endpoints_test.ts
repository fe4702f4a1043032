import assert from "node:assert/strict";
import { Endpoints } from "./endpoints.ts";

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
  endpoints.failed(URLS[0]!, 0, 5_000);
  endpoints.failed(URLS[1]!, 0);
  assert.deepEqual(endpoints.best(50), { url: URLS[1], waitMs: 150 });
});

Deno.test("an endpoint rests longer each time it fails, until it succeeds", () => {
  const endpoints = new Endpoints([URLS[0]!], { restMs: 100, longestRestMs: 1_000, random: () => 1 });
  const rests = Array.from({ length: 5 }, () => {
    endpoints.failed(URLS[0]!, 0);
    return endpoints.best(0).waitMs;
  });
  assert.deepEqual(rests, [200, 400, 800, 1_000, 1_000]);
  endpoints.succeeded(URLS[0]!);
  assert.equal(endpoints.best(0).waitMs, 0);
  endpoints.failed(URLS[0]!, 0);
  assert.equal(endpoints.best(0).waitMs, 200);
});

Deno.test("no endpoint at all is a mistake", () => {
  assert.throws(
    () => new Endpoints([], { restMs: 1, longestRestMs: 1, random: () => 0 }),
    /name at least one/,
  );
});
