import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import { v2AmountIn, v2AmountOut, v2Swapped } from "./v2.ts";

/** The library's own words: 997/1000, and Pancake's 9975/10000. */
const FEES = [[3000, 997n, 1000n], [2500, 9975n, 10_000n]] as const;

function drawn(random: () => number, maxBits: number): bigint {
  const bits = 1 + Math.floor(random() * maxBits);
  let value = 1n;
  for (let i = 1; i < bits; i++) value = (value << 1n) | (random() < 0.5 ? 0n : 1n);
  return value;
}

function pools(count: number) {
  const random = seeded(2);
  return Array.from({ length: count }, (_, i) => ({
    state: { reserve0: drawn(random, 110), reserve1: drawn(random, 110) },
    zeroForOne: i % 2 === 0,
    size: drawn(random, 108),
    part: drawn(random, 108),
  }));
}

Deno.test("the fee in millionths rounds as the contracts' fractions do", () => {
  for (const { state, zeroForOne, size } of pools(500)) {
    const [rIn, rOut] = zeroForOne ? [state.reserve0, state.reserve1] : [state.reserve1, state.reserve0];
    for (const [feePpm, part, whole] of FEES) {
      const out = size * part * rOut / (rIn * whole + size * part);
      assert.equal(v2AmountOut(state, feePpm, zeroForOne, size), out);
      if (out === 0n) continue;
      const needed = rIn * out * whole / ((rOut - out) * part) + 1n;
      const fits = rIn + needed < 1n << 112n;
      assert.equal(v2AmountIn(state, feePpm, zeroForOne, out), fits ? needed : undefined);
    }
  }
});

Deno.test("what the library asks for an amount is enough for it", () => {
  for (const { state, zeroForOne, size } of pools(500)) {
    const out = v2AmountOut(state, 3000, zeroForOne, size)!;
    const needed = v2AmountIn(state, 3000, zeroForOne, out);
    if (out === 0n || needed === undefined) continue;
    assert.ok(v2AmountOut(state, 3000, zeroForOne, needed)! >= out);
  }
});

Deno.test("a larger size never pays less, a split one never more, and a round trip never gains", () => {
  for (const { state, zeroForOne, size, part } of pools(500)) {
    const [small, large] = part < size ? [part, size] : [size, part];
    const whole = v2AmountOut(state, 3000, zeroForOne, large)!;
    const first = v2AmountOut(state, 3000, zeroForOne, small)!;
    assert.ok(first <= whole);
    const between = v2Swapped(state, zeroForOne, small, first);
    // Rounding may leave a side of dust empty.
    const second = large > small ? v2AmountOut(between, 3000, zeroForOne, large - small) ?? 0n : 0n;
    assert.ok(first + second <= whole);
    if (first > 0n) assert.ok((v2AmountOut(between, 3000, !zeroForOne, first) ?? 0n) <= small);
  }
});

Deno.test("what a pair refuses has no amount", () => {
  const state = { reserve0: 1000n, reserve1: 1000n };
  assert.equal(v2AmountOut(state, 3000, true, 0n), undefined);
  assert.equal(v2AmountOut(state, 3000, true, -1n), undefined);
  assert.equal(v2AmountOut({ reserve0: 0n, reserve1: 1000n }, 3000, true, 1n), undefined);
  assert.equal(v2AmountOut(state, 3000, true, 1n << 112n), undefined);
  assert.equal(v2AmountIn(state, 3000, true, 1000n), undefined);
  assert.equal(v2AmountIn(state, 3000, true, 0n), undefined);
});
