/** Cells of the table. */
import { useRef } from "preact/hooks";
import { decimal } from "./format.ts";

/**
 * A number that marks its own changes: when the text differs, the element is made anew, which starts its animation
 * from the beginning. Values that change below the shown digits stay quiet.
 */
export function Changing({ value, text }: { value: number; text: string }) {
  const shown = useRef({ value, text, turn: 0 });
  const before = shown.current;
  let direction = "";
  if (before.text !== text) {
    direction = value > before.value ? "rose" : "fell";
    shown.current = { value, text, turn: before.turn + 1 };
  }
  const last = useRef(direction);
  if (direction) last.current = direction;
  return <span key={shown.current.turn} class={`changing ${last.current}`}>{text}</span>;
}

/** Full width of the bar under a net edge, in basis points. */
const BAR_BPS = 50;

/** How large a net edge is, at a glance. Presentation attributes instead of styles: no inline style is allowed. */
export function EdgeBar({ netBps }: { netBps: number }) {
  const share = Math.min(1, Math.max(0.02, netBps / BAR_BPS));
  return (
    <svg class="edge-bar" aria-hidden="true" width="100%" height="3">
      <rect class="edge-bar-all" width="100%" height="3" rx="1.5" />
      <rect class="edge-bar-part" width={`${decimal(share * 100, 1)}%`} height="3" rx="1.5" />
    </svg>
  );
}

/** The net edge of the last minute, one point a second; the newest is at the right. */
export function Trend({ points, capacity }: { points: readonly number[]; capacity: number }) {
  if (points.length < 2) return <svg class="trend" viewBox="0 0 100 24" aria-hidden="true" />;
  const low = Math.min(...points);
  // A flat edge should look flat: at least 4 bps fill the height.
  const range = Math.max(4, Math.max(...points) - low);
  const x = (at: number) => 100 - (points.length - 1 - at) * 100 / (capacity - 1);
  const y = (value: number) => 22 - (value - low) / range * 20;
  const line = points.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return (
    <svg class="trend" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline class="trend-fill" points={`${x(0).toFixed(1)},24 ${line} 100,24`} />
      <polyline class="trend-line" points={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
