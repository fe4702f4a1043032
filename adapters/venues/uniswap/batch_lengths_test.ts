import assert from "node:assert/strict";
import { BatchLengths } from "./batch_lengths.ts";

const URL = "http://node";

/** Requests until a longer one is tried. */
function requestsUntilLonger(lengths: BatchLengths): number {
  const before = lengths.mostOf(URL);
  for (let n = 1; n < 1_000; n++) {
    lengths.took(URL, before);
    if (lengths.mostOf(URL) > before) return n;
  }
  return assert.fail("no longer request is tried");
}

Deno.test("a node that refused a request for its length gets one of a quarter, and no other node does", () => {
  const lengths = new BatchLengths(100);
  lengths.refused(URL, 100);
  assert.deepEqual([lengths.mostOf(URL), lengths.mostOf("http://other")], [25, 100]);
  lengths.refused(URL, 25);
  assert.equal(lengths.mostOf(URL), 7);
  // Of the same time as the first.
  lengths.refused(URL, 100);
  assert.equal(lengths.mostOf(URL), 7);
});

Deno.test("after some requests that were answered a longer one is tried, up to the longest", () => {
  const lengths = new BatchLengths(100);
  lengths.refused(URL, 100);
  assert.ok(requestsUntilLonger(lengths) > 5, "not at once");
  assert.equal(lengths.mostOf(URL), 50);
  requestsUntilLonger(lengths);
  assert.equal(lengths.mostOf(URL), 100);
  lengths.refused(URL, 100);
  assert.equal(lengths.mostOf(URL), 25, "it is no different the second time");
});

Deno.test("requests that are shorter than the node takes prove nothing", () => {
  const lengths = new BatchLengths(100);
  lengths.refused(URL, 100);
  for (let n = 0; n < 1_000; n++) lengths.took(URL, 24);
  assert.equal(lengths.mostOf(URL), 25);
});
