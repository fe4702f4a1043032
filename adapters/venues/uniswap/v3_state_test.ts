import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import type { V3Event, V3Position } from "./events.ts";
import type { InitializedTick, V3State } from "./pool.ts";
import { getSqrtRatioAtTick } from "./tick_math.ts";
import { v3Applied } from "./v3_state.ts";

const EMPTY: V3State = {
  sqrtPriceX96: getSqrtRatioAtTick(35),
  tick: 35,
  liquidity: 0n,
  tickSpacing: 10,
  ticks: [],
  fromTick: -500,
  toTick: 500,
};

const position = (kind: "v3_mint" | "v3_burn", tickLower: number, tickUpper: number, liquidity: bigint) => (
  { kind, tickLower, tickUpper, liquidity } satisfies V3Position
);

function after(state: V3State, ...events: V3Event[]): V3State {
  for (const event of events) {
    const next = v3Applied(state, event);
    assert.ok(next !== undefined, JSON.stringify(event, (_, value) => String(value)));
    state = next;
  }
  return state;
}

/** Ticks and liquidity straight from the list of positions. */
function standing(positions: readonly V3Position[]): Pick<V3State, "ticks" | "liquidity"> {
  const ends = [...new Set(positions.flatMap((p) => [p.tickLower, p.tickUpper]))].sort((a, b) => a - b);
  const sum = (values: bigint[]) => values.reduce((all, value) => all + value, 0n);
  const ticks: InitializedTick[] = ends.filter((index) => index >= -500 && index <= 500).map((index) => {
    const up = sum(positions.filter((p) => p.tickLower === index).map((p) => p.liquidity));
    const down = sum(positions.filter((p) => p.tickUpper === index).map((p) => p.liquidity));
    return { index, liquidityGross: up + down, liquidityNet: up - down };
  });
  const inRange = positions.filter((p) => p.tickLower <= 35 && 35 < p.tickUpper);
  return { ticks, liquidity: sum(inRange.map((p) => p.liquidity)) };
}

Deno.test("mints and burns in any order leave what the open positions add up to", () => {
  const random = seeded(4);
  let state = EMPTY;
  const open: V3Position[] = [];
  for (let i = 0; i < 600; i++) {
    if (open.length > 20 || (open.length > 0 && random() < 0.45)) {
      const [closed] = open.splice(Math.floor(random() * open.length), 1);
      state = after(state, { ...closed!, kind: "v3_burn" });
    } else {
      const tickLower = (Math.floor(random() * 120) - 60) * 10;
      const tickUpper = tickLower + (1 + Math.floor(random() * 30)) * 10;
      const minted = position("v3_mint", tickLower, tickUpper, 1n + BigInt(Math.floor(random() * 1e9)));
      open.push(minted);
      state = after(state, minted);
    }
    assert.deepEqual(state, { ...EMPTY, ...standing(open) });
  }
});

Deno.test("a tick whose changes cancel out stays, one that no position uses goes", () => {
  const both = after(EMPTY, position("v3_mint", 0, 60, 100n), position("v3_mint", 60, 120, 100n));
  assert.deepEqual(both.ticks[1], { index: 60, liquidityGross: 200n, liquidityNet: 0n });
  const neither = after(both, position("v3_burn", 0, 60, 100n), position("v3_burn", 60, 120, 100n));
  assert.deepEqual(neither, EMPTY);
});

Deno.test("a swap moves price, tick and liquidity and leaves the ticks, also off those that are loaded", () => {
  const state = after(EMPTY, position("v3_mint", 0, 60, 100n));
  for (const tick of [-20, 35, 9000]) {
    const moved = { sqrtPriceX96: getSqrtRatioAtTick(tick) + 1n, tick, liquidity: 7n };
    assert.deepEqual(after(state, { kind: "v3_swap", amount0: 1n, amount1: -1n, ...moved }), {
      ...state,
      ...moved,
    });
  }
  const fallen = { sqrtPriceX96: getSqrtRatioAtTick(60), tick: 59 };
  assert.deepEqual(after(EMPTY, { kind: "v3_initialize", ...fallen }), { ...EMPTY, ...fallen });
});

Deno.test("events that cannot follow on the state are refused", () => {
  const state = after(EMPTY, position("v3_mint", 0, 60, 100n), position("v3_mint", 440, 500, 50n));
  const price = getSqrtRatioAtTick(35);
  const swap = { kind: "v3_swap", amount0: 1n, amount1: -1n, liquidity: 7n } as const;
  const refused: V3Event[] = [
    position("v3_burn", 0, 60, 101n),
    position("v3_burn", 0, 70, 1n),
    position("v3_burn", 70, 80, 1n),
    // Of these, what would tell is partly outside of what is loaded.
    position("v3_burn", -510, 510, 101n),
    position("v3_burn", 500, 560, 50n),
    position("v3_mint", 60, 60, 1n),
    position("v3_mint", 5, 60, 1n),
    { ...swap, sqrtPriceX96: price, tick: 36 },
    { ...swap, sqrtPriceX96: price - 1n, tick: 35 },
    { ...swap, sqrtPriceX96: price, tick: 8_000_000 },
    { ...swap, sqrtPriceX96: 0n, tick: 35 },
  ];
  for (const event of refused) assert.equal(v3Applied(state, event), undefined, String(event.kind));
  assert.equal(v3Applied(state, position("v3_burn", 0, 60, 0n)), state);
});
