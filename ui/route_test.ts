import assert from "node:assert/strict";
import { bySpecificity, routePath } from "./route.ts";

Deno.test("a file name becomes a path, index is the folder, brackets are parameters", () => {
  assert.equal(routePath("index.tsx"), "/");
  assert.equal(routePath("opportunities/index.ts"), "/opportunities");
  assert.equal(routePath("prices/latest/[exchange]/[symbol].ts"), "/prices/latest/:exchange/:symbol");
  assert.equal(routePath("openapi.json.ts"), "/openapi.json");
});

Deno.test("static segments come before parameters, the earlier segment decides", () => {
  const paths = ["/:a/x", "/prices/:b", "/prices/latest", "/:a/:b"];
  assert.deepEqual(paths.sort(bySpecificity), ["/prices/latest", "/prices/:b", "/:a/x", "/:a/:b"]);
});
