import assert from "node:assert/strict";
import { retryAfterMs } from "./retry_after.ts";

Deno.test("Retry-After is read as seconds or as a date, and capped", () => {
  const now = Date.parse("2026-10-01T12:00:00Z");
  const read = (header: string | null) => retryAfterMs(header, now, 300_000);
  assert.equal(read("7"), 7_000);
  assert.equal(read("0"), 0);
  assert.equal(read(" 2.5 "), 2_500);
  assert.equal(read("86400"), 300_000);
  assert.equal(read("Thu, 01 Oct 2026 12:00:30 GMT"), 30_000);
  assert.equal(read("Thu, 01 Oct 2026 11:00:00 GMT"), 0);
  for (const nothing of [null, "", "soon", "-1 apples"]) assert.equal(read(nothing), undefined);
});
