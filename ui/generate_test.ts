import assert from "node:assert/strict";
import { generate } from "./generate.ts";

Deno.test("the generated manifest lists the routes and islands that are there now", () => {
  for (const [path, text] of Object.entries(generate())) {
    const written = Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
    assert.equal(written, text, `${path} is not current; run \`deno task build\``);
  }
});
