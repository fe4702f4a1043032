/** Time and polling for components. */
import { useEffect, useRef, useState } from "preact/hooks";

/** Asks `paint` to run in a coming frame: any number of requests are one call, and calls keep a distance. */
export function painter(paint: () => void, distanceMs: number): { request(): void; stop(): void } {
  let waiting = false;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  const run = () => {
    waiting = false;
    last = performance.now();
    paint();
  };
  return {
    request() {
      if (waiting) return;
      waiting = true;
      const wait = last + distanceMs - performance.now();
      // A hidden page gets no frames: the request simply waits, and what it would paint is bounded.
      if (wait <= 0) frame = requestAnimationFrame(run);
      else timer = setTimeout(() => frame = requestAnimationFrame(run), wait);
    },
    stop() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
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
