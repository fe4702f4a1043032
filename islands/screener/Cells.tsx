/** Cells of the table. */
import { useRef } from "preact/hooks";
import { decimal } from "./format.ts";

/** How long a changed figure stays marked. */
const MARK_MS = 700;
/** From one mark of a figure to the next: one that changes all the time must not flicker. */
const MARK_AGAIN_MS = 2000;

/**
 * A number that marks its own changes, up or down. Values that change below the shown digits stay quiet. The mark is
 * a plain class that a later rendering takes away: hundreds of running animations would cost more than all the rest.
 */
export function Changing({ value, text }: { value: number; text: string }) {
  const state = useRef({ value, text, markedAt: -Infinity, direction: "" });
  const shown = state.current;
  const now = performance.now();
  const marked = now - shown.markedAt < MARK_MS;
  if (shown.text !== text) {
    if (now - shown.markedAt >= MARK_AGAIN_MS) {
      shown.direction = value > shown.value ? "rose" : "fell";
      shown.markedAt = now;
    }
    shown.value = value;
    shown.text = text;
  }
  if (!marked && shown.markedAt !== now) shown.direction = "";
  return <span class={`changing ${shown.direction}`}>{text}</span>;
}

/** The net edge that fills half of its bar, in basis points. */
const HALF_BAR_BPS = 40;

/** How large a net edge is, at a glance. Presentation attributes instead of styles: no inline style is allowed. */
export function EdgeBar({ netBps }: { netBps: number }) {
  const share = Math.max(0, netBps) / (Math.max(0, netBps) + HALF_BAR_BPS);
  return (
    <svg class="edge-bar" aria-hidden="true" width="100%" height="3">
      <rect class="edge-bar-all" width="100%" height="3" rx="1.5" />
      <rect class="edge-bar-part" width={`${decimal(share * 100, 1)}%`} height="3" rx="1.5" />
    </svg>
  );
}

/** So many points fill the width at least; more than that are squeezed in. */
const TREND_WIDTH = 16;
/** Smaller movements than this stay small: a flat edge should look flat. */
const TREND_RANGE_BPS = 6;

/** The net edge since the row opened, or of the last half minute. */
export function Trend({ points }: { points: readonly number[] }) {
  if (points.length < 2) return <svg class="trend" viewBox="0 0 100 24" aria-hidden="true" />;
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const range = Math.max(TREND_RANGE_BPS, high - low);
  const x = (at: number) => at * 100 / Math.max(TREND_WIDTH, points.length - 1);
  const y = (value: number) => 12 - (value - (low + high) / 2) / range * 20;
  const line = points.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return (
    <svg class="trend" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline class="trend-fill" points={`0,24 ${line} ${x(points.length - 1).toFixed(1)},24`} />
      <polyline class="trend-line" points={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
