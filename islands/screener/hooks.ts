/** Time and polling for components. */
import { useEffect, useRef, useState } from "preact/hooks";

/** Of the browser's time, at most this share goes into painting. */
const PAINT_SHARE = 0.25;
const MAX_DISTANCE_MS = 2000;

/**
 * Asks `paint` to run in a coming frame. Any number of requests are one call; calls keep a distance, which grows
 * where a frame takes long, so that a slow machine or a flood of events leaves room for the reader's clicks.
 */
export function painter(paint: () => void, distanceMs: number): { request(): void; stop(): void } {
  let waiting = false;
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  // A message comes after the frame is done: what lies between is rendering, styles, layout and paint.
  const after = new MessageChannel();
  let start = 0;
  after.port1.onmessage = () => {
    const now = performance.now();
    next = now + Math.min(MAX_DISTANCE_MS, Math.max(distanceMs, (now - start) / PAINT_SHARE));
  };
  const run = () => {
    waiting = false;
    start = performance.now();
    next = start + distanceMs;
    paint();
    after.port2.postMessage(0);
  };
  return {
    request() {
      if (waiting) return;
      waiting = true;
      const wait = next - performance.now();
      // A hidden page gets no frames: the request simply waits, and what it would paint is bounded.
      if (wait <= 0) frame = requestAnimationFrame(run);
      else timer = setTimeout(() => frame = requestAnimationFrame(run), wait);
    },
    stop() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      after.port1.close();
    },
  };
}

/** Calls `act` every `ms` while the page is visible, and at once when it becomes so. */
export function useInterval(act: () => void, ms: number): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const run = () => {
      if (document.visibilityState === "visible") latest.current();
    };
    const timer = setInterval(run, ms);
    document.addEventListener("visibilitychange", run);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", run);
    };
  }, [ms]);
}

/** The last answer of a JSON address asked every `ms`, and whether the last attempt failed. */
export function usePoll<T>(url: string, ms: number, first: T): { value: T; failed: boolean; ask(): void } {
  const [state, setState] = useState({ value: first, failed: false });
  const asking = useRef(false);
  const ask = async () => {
    if (asking.current) return;
    asking.current = true;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      setState({ value: await response.json(), failed: false });
    } catch {
      // Said on the page; the next attempt comes by itself.
      setState((before) => ({ ...before, failed: true }));
    } finally {
      asking.current = false;
    }
  };
  useInterval(ask, ms);
  return { ...state, ask };
}
