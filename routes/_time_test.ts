import assert from "node:assert/strict";
import { parseMoment, periodText, readPeriod } from "./_time.ts";

for (
  const [text, expected] of [
    ["0", 0],
    ["1790000000000", 1790000000000],
    [" 1790000000000 ", 1790000000000],
    ["2026-01-31", Date.UTC(2026, 0, 31)],
    ["2026-01-31T12:00", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31t12:00:00.250z", Date.UTC(2026, 0, 31, 12, 0, 0, 250)],
    ["2026-01-31T12:00:00+02:00", Date.UTC(2026, 0, 31, 10)],
    ["2026-01-31T12:00:00 02:00", Date.UTC(2026, 0, 31, 10)],
    ["2026-01-31T12:00:00-0530", Date.UTC(2026, 0, 31, 17, 30)],
    ["9999-12-31T23:59:59Z", Date.UTC(9999, 11, 31, 23, 59, 59)],
  ] as const
) {
  Deno.test(`the moment ${text} is understood`, () => assert.equal(parseMoment(text), expected));
}

for (
  const text of [
    "",
    "now",
    "-1",
    "1e3",
    "1.5",
    "999999999999999",
    "1969-12-31",
    "2026-02-30",
    "2026-13-01",
    "2026-01-31T25:00Z",
    "2026-01-31T12:00[Europe/Berlin]",
    "10000-01-01",
    "2026-01-31'; drop table minutes; --",
    "٢٠٢٦-01-31",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is no moment`, () => assert.equal(parseMoment(text), undefined));
}

Deno.test("a period may be as long as the longest and no longer", () => {
  assert.equal(readPeriod("90d", 90 * 86_400_000), 90 * 86_400_000);
  assert.equal(readPeriod("91d", 90 * 86_400_000), undefined);
  assert.equal(readPeriod("1 m", 90 * 86_400_000), undefined);
});

Deno.test("a length is written in the largest unit that fits", () => {
  assert.deepEqual([7_776_000_000, 300_000, 90_000, 36_000_000].map(periodText), ["90d", "5m", "90s", "10h"]);
});
