/**
 * For which sizes a ladder says what a pool pays. In between it is followed along a chord, which says a
 * little less: with a reserve R that goes in, a chord from x to x + d is off by d² / 4R at most. So that this
 * is the same share of x everywhere, a step is d = 2·√(s·R·x) with s the share: x then takes the values
 * s·R·k² for k = 1, 2, 3 …
 *
 * In a pool of v3 the reserve is the one that its liquidity stands for ("virtual", whitepaper, 6.1), which
 * changes at ticks.
 */
import type { V2State, V3State } from "./pool.ts";

/** 0.01 bps: the last of a hundred rungs is at a hundredth of the reserve, which moves the price by about 2 %. */
const SHARE = 1e-6;
const RUNGS = 100;

/** Amounts in, ascending, in smallest units; none where the pair is empty. `zeroForOne` means token 0 goes in. */
export function v2Sizes({ reserve0, reserve1 }: V2State, zeroForOne: boolean): bigint[] {
  if (reserve0 <= 0n || reserve1 <= 0n) return [];
  const reserve = Number(zeroForOne ? reserve0 : reserve1);
  return wholeSizes(Array.from({ length: RUNGS }, (_, n) => SHARE * reserve * (n + 1) ** 2));
}

/** The same of a pool of v3 from its price on, as far as its loaded ticks reach; none where nothing is in range. */
export function v3Sizes(state: V3State, feePpm: number, zeroForOne: boolean): bigint[] {
  const segments = segmentsOf(state, zeroForOne);
  const keep = 1 - feePpm / 1e6;
  const sizes: number[] = [];
  let size = 0;
  let at = 0;
  while (sizes.length < RUNGS && at < segments.length) {
    const { reserve, end } = segments[at]!;
    let next = size + stepFrom(size, reserve);
    // A step that leads into a stretch of less liquidity is as short as it has to be there, but not shorter
    // than to its edge.
    for (let n = at; next > segments[n]!.end; n++) {
      const after = segments[n + 1];
      if (after === undefined) {
        next = segments[n]!.end;
        break;
      }
      next = Math.min(next, Math.max(segments[n]!.end, size + stepFrom(size, after.reserve)));
    }
    // The last step to an edge: rounding must not make it none.
    if (next <= size) next = end;
    size = next;
    sizes.push(size / keep);
    while (at < segments.length && segments[at]!.end <= size) at++;
  }
  return wholeSizes(sizes);
}

function stepFrom(size: number, reserve: number): number {
  return 2 * Math.sqrt(SHARE * reserve * size) + SHARE * reserve;
}

/** Between two ticks the liquidity is one. */
interface Segment {
  /** Of what goes in. */
  reserve: number;
  /** How much went in from the price on, without the fee, where it ends. */
  end: number;
}

/**
 * From the price on, in the order in which a swap goes through them. A stretch without liquidity takes
 * nothing in, and the price jumps over it: with its reserve of nothing it ends the step before it.
 */
function segmentsOf(state: V3State, zeroForOne: boolean): Segment[] {
  const { ticks, tick, fromTick, toTick } = state;
  const ahead = zeroForOne
    ? ticks.filter(({ index }) => index <= tick).reverse()
    : ticks.filter(({ index }) => index > tick);
  const stops = [...ahead, { index: zeroForOne ? fromTick : toTick, liquidityNet: 0n }];
  const segments: Segment[] = [];
  let root = Number(state.sqrtPriceX96) / 2 ** 96;
  let liquidity = state.liquidity;
  let end = 0;
  if (liquidity <= 0n || tick < fromTick || tick > toTick) return [];
  for (const { index, liquidityNet } of stops) {
    const next = 1.0001 ** (index / 2);
    const depth = Number(liquidity);
    const takes = zeroForOne ? depth * (1 / next - 1 / root) : depth * (next - root);
    end += Math.max(takes, 0);
    segments.push({ reserve: Math.max(zeroForOne ? depth / root : depth * root, 0), end });
    root = next;
    liquidity += zeroForOne ? -liquidityNet : liquidityNet;
  }
  return segments;
}

/** Whole units, each once, none of nothing. */
function wholeSizes(sizes: readonly number[]): bigint[] {
  const whole: bigint[] = [];
  let last = 0;
  for (const size of sizes) {
    const units = Math.ceil(size);
    if (units <= last) continue;
    whole.push(BigInt(units));
    last = units;
  }
  return whole;
}
