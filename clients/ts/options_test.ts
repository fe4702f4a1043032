import assert from "node:assert/strict";
import { followQuotes } from "./mod.ts";

Deno.test("numbers that make no sense are refused at once, by name", () => {
  const names = ["maxWaitingRows", "openWithinMs", "silentAfterMs", "firstWaitMs", "longestWaitMs"];
  for (const name of names) {
    for (const value of [0, -1, NaN, Infinity, 2 ** 31]) {
      const follow = () => {
        followQuotes("http://127.0.0.1:8080", { [name]: value, signal: AbortSignal.abort() });
      };
      assert.throws(follow, { name: "RangeError", message: new RegExp(`^${name} is ${value}`, "u") });
    }
  }
});

Deno.test("an option that is undefined is one that is left out", async () => {
  const options = { firstWaitMs: undefined, maxWaitingRows: undefined, signal: AbortSignal.abort() };
  assert.equal(await followQuotes("http://127.0.0.1:8080", options).closed, undefined);
});
