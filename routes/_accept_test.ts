import assert from "node:assert/strict";
import { preferred } from "./_accept.ts";

const JSON_TYPE = "application/json";
const CSV = "text/csv";

for (
  const [accept, expected] of [
    [undefined, JSON_TYPE],
    ["", JSON_TYPE],
    ["*/*", JSON_TYPE],
    ["text/csv", CSV],
    ["TEXT/CSV; charset=utf-8", CSV],
    ["text/csv, application/json", JSON_TYPE],
    ["application/json;q=0.5, text/csv", CSV],
    ["application/json;q=0.5, text/csv;q=0.4", JSON_TYPE],
    ["text/*", CSV],
    ["text/*;q=0.5, application/json;q=0.4", CSV],
    ["*/*;q=0.1, text/csv", CSV],
    ["application/json;q=0, */*", CSV],
    ["text/csv;q=0, text/*, application/json;q=0.1", JSON_TYPE],
    ["text/csv;q=nonsense", JSON_TYPE],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON_TYPE],
    ["image/png", JSON_TYPE],
  ] as const
) {
  Deno.test(`Accept ${JSON.stringify(accept)} gets ${expected}`, () => {
    assert.equal(preferred(accept, [JSON_TYPE, CSV]), expected);
  });
}
