import assert from "node:assert/strict";
import * as calls from "./calls.ts";

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, "0");
const answer = (...words: bigint[]) => `0x${words.map(word).join("")}`;

Deno.test("an address without a contract, and what is no hex, is no answer", () => {
  for (const result of ["0x", "", null, undefined, 7, {}, "0xzz", answer(1n).slice(0, -1)]) {
    assert.equal(calls.fee.decode(result), undefined);
    assert.equal(calls.slot0.decode(result), undefined);
  }
});

Deno.test("a value that does not fit its type is no answer", () => {
  assert.equal(calls.token0.decode(answer(1n << 160n)), undefined);
  assert.equal(calls.decimals.decode(answer(256n)), undefined);
  assert.equal(calls.getReserves.decode(answer(1n << 112n, 1n, 1n)), undefined);
  assert.equal(calls.slot0.decode(answer(1n, 1n << 23n)), undefined);
  assert.equal(calls.liquidity.decode(answer(1n << 128n)), undefined);
  assert.equal(calls.ticks(0).decode(answer(1n, 1n << 127n)), undefined);
});

Deno.test("answers are read whatever follows them, and hex in any case", () => {
  const slot = answer((1n << 160n) - 1n, -887_272n, 1n, 2n, 3n, 4n, 5n).toUpperCase().replace("0X", "0x");
  assert.deepEqual(calls.slot0.decode(slot), { sqrtPriceX96: (1n << 160n) - 1n, tick: -887_272 });
  assert.deepEqual(calls.ticks(-10).decode(answer(5n, -5n, 1n)), { liquidityGross: 5n, liquidityNet: -5n });
  assert.deepEqual(calls.getReserves.decode(answer(1n, 2n, 3n)), [1n, 2n]);
  assert.equal(calls.token1.decode(answer(0xabn)), `0x${"0".repeat(38)}ab`);
  assert.equal(calls.tickBitmap(-1).decode(answer(-1n)), (1n << 256n) - 1n);
});

Deno.test("arguments fill their words, negative ones with their sign", () => {
  assert.equal(calls.tickBitmap(-2).data, `0x5339c296${"f".repeat(63)}e`);
  assert.equal(calls.ticks(60).data, `0xf30dba93${"0".repeat(62)}3c`);
  const [a, b] = [`0x${"Ab".repeat(20)}`, `0x${"cd".repeat(20)}`];
  const zeros = "0".repeat(24);
  assert.equal(calls.getPair(a, b).data, `0xe6a43905${zeros}${"ab".repeat(20)}${zeros}${"cd".repeat(20)}`);
});
