import assert from "node:assert/strict";
import { venueName } from "./words.ts";

for (
  const [id, name] of [
    ["okx", "OKX"],
    ["uniswap-v3", "Uniswap v3"],
    ["uniswap-v3-base", "Uniswap v3 Base"],
    ["pancakeswap-v2", "PancakeSwap v2"],
    ["exchange1", "exchange1"],
    ["my-v3-pools", "my-v3-pools"],
  ] as const
) {
  Deno.test(`venue ${id} is called ${name}`, () => assert.equal(venueName(id), name));
}
