/** Lets rows glide to their new places when the table is sorted anew, so that the eye can follow. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const GLIDE_MS = 320;
/** Longer tables do not glide: measuring and moving every row costs more than it helps the eye. */
const MAX_GLIDING = 40;

/** Watches the children of `body`. `turn` changes when they are about to be rearranged; only then they are measured. */
export function useGlide(body: RefObject<HTMLElement | null>, turn: number): void {
  const seen = useRef(turn);
  const before = useRef<Map<Element, number>>(undefined);
  // While rendering, the document still shows the old order.
  if (seen.current !== turn) {
    seen.current = turn;
    before.current = body.current && body.current.childElementCount <= MAX_GLIDING
      ? placesOf(body.current)
      : undefined;
  }
  useLayoutEffect(() => {
    const old = before.current;
    before.current = undefined;
    if (!old || !body.current || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [row, top] of placesOf(body.current)) {
      const moved = (old.get(row) ?? top) - top;
      if (moved === 0) continue;
      row.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], {
        duration: GLIDE_MS,
        easing: "ease-out",
      });
    }
  }, [turn]);
}

function placesOf(body: HTMLElement): Map<Element, number> {
  return new Map([...body.children].map((row) => [row, (row as HTMLElement).offsetTop]));
}
