/** The bars of a pair as the page holds them: loaded once, then brought up to date from the end. */
import { useEffect, useState } from "preact/hooks";
import type { BarInterval } from "../../core/app/market.ts";
import { type Bar, INTERVALS } from "../../core/domain/bar.ts";
import { AnswerError, getJson, repeat } from "./poll.ts";

export const INTERVAL_MS: Record<BarInterval, number> = { ...INTERVALS, "5m": 300_000 };
const FAST_MS = 5000;
const SLOW_MS = 15_000;

export interface BarsState {
  /** In the order of time, then exchange. */
  bars: readonly Bar[];
  loading: boolean;
  /** Why the last attempt failed; empty where it did not. */
  trouble: string;
}

const NOTHING: BarsState = { bars: [], loading: true, trouble: "" };

/** Puts later bars over earlier ones of the same time and exchange, and drops what begins before `from`. */
export function merge(bars: readonly Bar[], later: readonly Bar[], from: number): Bar[] {
  const byKey = new Map<string, Bar>();
  for (const bar of [...bars, ...later]) {
    if (bar.timestamp >= from) byKey.set(`${bar.timestamp} ${bar.exchange}`, bar);
  }
  return [...byKey.values()].sort((a, b) =>
    a.timestamp - b.timestamp || (a.exchange < b.exchange ? -1 : a.exchange > b.exchange ? 1 : 0)
  );
}

/**
 * The last `count` intervals of every exchange, followed while `interval` is given. The bar that is still open comes
 * with them and is asked for again every few seconds. `now` is the program's clock.
 */
export function useBars(
  symbol: string,
  interval: BarInterval | undefined,
  count: number,
  now: () => number,
): BarsState {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    setState(NOTHING);
    if (interval === undefined) return;
    const lengthMs = INTERVAL_MS[interval];
    let bars: readonly Bar[] = [];
    const { stop } = repeat(async (signal) => {
      const begin = Math.floor(now() / lengthMs - count) * lengthMs;
      // The last two again: one is open, and the one before it may have closed since.
      const from = Math.max(begin, (bars.at(-1)?.timestamp ?? 0) - lengthMs);
      try {
        const path = `/prices/history/${symbol}?interval=${interval}&from=${from}`;
        bars = merge(bars, (await getJson<{ bars: Bar[] }>(path, signal)).bars, begin);
        if (!signal.aborted) setState({ bars, loading: false, trouble: "" });
      } catch (error) {
        const trouble = error instanceof AnswerError ? error.message : "The program does not answer";
        if (!(error instanceof DOMException && error.name === "AbortError")) {
          setState({ bars, loading: false, trouble });
        }
        throw error;
      }
    }, interval === "1m" ? FAST_MS : SLOW_MS);
    return stop;
  }, [symbol, interval, count]);
  return state;
}
