/** What logs make of the state of a Uniswap v3 pool (`UniswapV3Pool._modifyPosition`, `Tick.update`). */
import type { V3Event, V3Position } from "./events.ts";
import type { InitializedTick, V3State } from "./pool.ts";
import { getSqrtRatioAtTick, MAX_TICK, MIN_TICK } from "./tick_math.ts";

/**
 * The state after an event, which must be the next one of the pool. Undefined where the event does not fit on
 * the state, or is at odds with itself, a sign that one was missed or made up: read the pool anew. A swap off
 * the loaded ticks fits; such a state has no quotes.
 */
export function v3Applied(state: V3State, event: V3Event): V3State | undefined {
  switch (event.kind) {
    case "v3_swap":
      if (!agree(event)) return undefined;
      return { ...state, sqrtPriceX96: event.sqrtPriceX96, tick: event.tick, liquidity: event.liquidity };
    case "v3_initialize":
      if (!agree(event)) return undefined;
      return { ...state, sqrtPriceX96: event.sqrtPriceX96, tick: event.tick };
    case "v3_mint":
    case "v3_burn":
      return positionApplied(state, event);
  }
}

/**
 * Whether a price is within its tick. It may stand at the very end: a swap that falls onto an initialized tick crosses
 * it and stops.
 */
function agree({ sqrtPriceX96, tick }: { sqrtPriceX96: bigint; tick: number }): boolean {
  if (tick < MIN_TICK || tick >= MAX_TICK) return false;
  return getSqrtRatioAtTick(tick) <= sqrtPriceX96 && sqrtPriceX96 <= getSqrtRatioAtTick(tick + 1);
}

function positionApplied(state: V3State, event: V3Position): V3State | undefined {
  const { tickLower, tickUpper } = event;
  const { tick, tickSpacing } = state;
  if (tickLower >= tickUpper || tickLower % tickSpacing !== 0 || tickUpper % tickSpacing !== 0) {
    return undefined;
  }
  // A burn of nothing collects fees and changes nothing else.
  if (event.liquidity === 0n) return state;
  const delta = event.kind === "v3_mint" ? event.liquidity : -event.liquidity;
  const liquidity = tickLower <= tick && tick < tickUpper ? state.liquidity + delta : state.liquidity;
  const lower = tickApplied(state, state.ticks, tickLower, delta, delta);
  const ticks = lower && tickApplied(state, lower, tickUpper, delta, -delta);
  return ticks === undefined || liquidity < 0n ? undefined : { ...state, liquidity, ticks };
}

/** A copy with one tick changed, added, or gone because no position begins or ends there any more. */
function tickApplied(
  { fromTick, toTick }: V3State,
  ticks: readonly InitializedTick[],
  index: number,
  gross: bigint,
  net: bigint,
): readonly InitializedTick[] | undefined {
  if (index < fromTick || index > toTick) return ticks;
  const after = ticks.findIndex((tick) => tick.index >= index);
  const at = after < 0 ? ticks.length : after;
  const there = ticks[at]?.index === index ? ticks[at] : undefined;
  const liquidityGross = (there?.liquidityGross ?? 0n) + gross;
  const liquidityNet = (there?.liquidityNet ?? 0n) + net;
  if (liquidityGross < 0n || (liquidityGross === 0n && liquidityNet !== 0n)) return undefined;
  const changed = liquidityGross === 0n ? [] : [{ index, liquidityGross, liquidityNet }];
  return [...ticks.slice(0, at), ...changed, ...ticks.slice(there === undefined ? at : at + 1)];
}
