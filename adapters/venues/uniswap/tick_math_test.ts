/** The oracle is arithmetic with 200 decimals, and for ticks the library's own logarithm in fixed point. */
import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
} from "./tick_math.ts";

const SCALE = 10n ** 200n;

function rootOf(value: bigint): bigint {
  let x = 1n << BigInt((value.toString(2).length >> 1) + 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** 2^96 · 1.0001^(tick / 2) · 10^200. */
function sqrtRatioScaled(tick: number): bigint {
  const base = rootOf(SCALE * SCALE * 10_001n / 10_000n);
  let power = SCALE;
  let square = base;
  for (let bits = Math.abs(tick); bits > 0; bits >>= 1) {
    if ((bits & 1) === 1) power = power * square / SCALE;
    square = square * square / SCALE;
  }
  return (tick < 0 ? SCALE * SCALE / power : power) << 96n;
}

/** The logarithm as the library takes it: by squaring, 14 binary places, with its bounds of error. */
function tickByLogarithm(sqrtPriceX96: bigint): number {
  const ratio = sqrtPriceX96 << 32n;
  const msb = BigInt(ratio.toString(2).length - 1);
  let r = msb >= 128n ? ratio >> (msb - 127n) : ratio << (127n - msb);
  let log2 = (msb - 128n) << 64n;
  for (let shift = 63n; shift >= 50n; shift--) {
    r = (r * r) >> 127n;
    const bit = r >> 128n;
    log2 |= bit << shift;
    r >>= bit;
  }
  const log = log2 * 255738958999603826347141n;
  const low = Number((log - 3402992956809132418596140100660247210n) >> 128n);
  const high = Number((log + 291339464771989622907027621153398088495n) >> 128n);
  return low === high ? low : getSqrtRatioAtTick(high) <= sqrtPriceX96 ? high : low;
}

function someTicks(count: number): number[] {
  const random = seeded(7);
  const drawn = Array.from({ length: count }, () => Math.floor((random() * 2 - 1) * MAX_TICK));
  const powers = Array.from({ length: 20 }, (_, i) => 2 ** i).filter((tick) => tick < MAX_TICK);
  return [0, MIN_TICK, MIN_TICK + 1, MAX_TICK - 1, ...powers, ...powers.map((tick) => -tick), ...drawn];
}

Deno.test("square roots at the ends are those that the library names", () => {
  assert.equal(getSqrtRatioAtTick(MIN_TICK), MIN_SQRT_RATIO);
  assert.equal(getSqrtRatioAtTick(MAX_TICK), MAX_SQRT_RATIO);
  assert.equal(getSqrtRatioAtTick(0), 1n << 96n);
});

Deno.test("square roots agree with arithmetic of 200 decimals to a millionth of a tick", () => {
  for (const tick of someTicks(500)) {
    const exact = sqrtRatioScaled(tick);
    const off = getSqrtRatioAtTick(tick) * SCALE - exact;
    // Rounding up adds less than one unit; the 20 factors carry less than 2^-104 of the value, and 2^-60 at the top.
    const allowed = SCALE + exact / (1n << 56n);
    assert.ok(off > -allowed && off < allowed, `tick ${tick} is off by ${Number(off) / Number(SCALE)} units`);
  }
});

Deno.test("the tick of a square root is the library's, around ticks and between them", () => {
  const random = seeded(8);
  for (const tick of someTicks(500)) {
    const ratio = getSqrtRatioAtTick(tick);
    const between = ratio + BigInt(Math.floor(random() * 2 ** 20)) * ratio / (50_000n << 20n);
    for (const price of [ratio - 1n, ratio, ratio + 1n, between]) {
      if (price < MIN_SQRT_RATIO || price >= MAX_SQRT_RATIO) continue;
      assert.equal(getTickAtSqrtRatio(price), tickByLogarithm(price), `${price}`);
    }
    assert.equal(getTickAtSqrtRatio(ratio), tick);
    if (tick > MIN_TICK) assert.equal(getTickAtSqrtRatio(ratio - 1n), tick - 1);
  }
  assert.equal(getTickAtSqrtRatio(MAX_SQRT_RATIO - 1n), MAX_TICK - 1);
});

Deno.test("what no pool can have is refused", () => {
  for (const tick of [MIN_TICK - 1, MAX_TICK + 1, 0.5, NaN]) {
    assert.throws(() => getSqrtRatioAtTick(tick), RangeError);
  }
  for (const price of [0n, MIN_SQRT_RATIO - 1n, MAX_SQRT_RATIO]) {
    assert.throws(() => getTickAtSqrtRatio(price), RangeError);
  }
});
