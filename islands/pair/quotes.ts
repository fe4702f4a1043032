/** The quotes of a pair, followed, and what the best route was worth over the last minutes. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Mode } from "../../core/domain/mode.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { getJson, repeat } from "./poll.ts";
import { bestRoute, type Fees, type Moment, momentsOfQuotes } from "./spread.ts";

const QUOTES_EVERY_MS = 1000;
export const RECENT_MS = 300_000;
/** As far apart as the quotes that follow: a chart gives each moment the same width. */
const RECENT_STEP_MS = QUOTES_EVERY_MS;
/** Without a look for longer than this, the minutes are read from the program again. */
const MISSED_MS = 10_000;

interface Start {
  symbol: string;
  mode: Mode;
  quotes: readonly Quote[];
  exchanges: readonly string[];
  fees: Fees;
  /** The program's clock when it wrote the page, ms. */
  now: number;
}

export interface QuotesState {
  quotes: readonly Quote[];
  /** The last five minutes, oldest first. */
  moments: readonly Moment[];
  /** The last attempt failed. */
  failed: boolean;
  /** When the last answer came, on the browser's clock; 0 before the first. */
  answeredAt: number;
  /** The program's clock at the last answer. */
  now: number;
}

/** Follows the quotes while the component lives. The mode changed: everything on the page is of another market. */
export function useQuotes(start: Start): QuotesState & { clock(): number } {
  const [state, setState] = useState<QuotesState>({
    quotes: start.quotes,
    moments: [],
    failed: false,
    answeredAt: 0,
    now: start.now,
  });
  // How far the program's clock is ahead: a quote can only come after it was stamped, so the largest is closest.
  const ahead = useRef(-Infinity);
  const clock = () => Date.now() + (ahead.current === -Infinity ? 0 : ahead.current);

  useEffect(() => {
    const { symbol, fees } = start;
    let moments: readonly Moment[] = [];
    ahead.current = start.now - Date.now();
    const { stop } = repeat(async (signal) => {
      try {
        const { mode, quotes } = await getJson<{ mode: Mode; quotes: Quote[] }>(
          `/prices/latest/${symbol}`,
          signal,
        );
        if (mode !== start.mode) return location.reload();
        for (const quote of quotes) ahead.current = Math.max(ahead.current, quote.receivedTime - Date.now());
        const now = clock();
        if (now - (moments.at(-1)?.time ?? 0) > MISSED_MS) {
          moments = await recentMoments(start, now, signal).catch(() => moments);
        }
        const fresh = quotes.filter((quote) => quote.fresh);
        const latest = {
          time: Math.max(now, (moments.at(-1)?.time ?? 0) + 1),
          route: bestRoute(fresh, fees),
        };
        moments = [...moments.filter(({ time }) => time > now - RECENT_MS), latest];
        setState({ quotes, moments, failed: false, answeredAt: Date.now(), now });
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "AbortError")) {
          setState((before) => ({ ...before, failed: true }));
        }
        throw error;
      }
    }, QUOTES_EVERY_MS);
    return stop;
  }, []);

  return { ...state, clock };
}

/** What the program still knows of the last five minutes; before it began there is nothing. */
async function recentMoments(
  { symbol, exchanges, fees }: Start,
  now: number,
  signal: AbortSignal,
): Promise<Moment[]> {
  const seconds = RECENT_MS / 1000;
  const lists = await Promise.all(
    exchanges.map(async (exchange) => {
      const path = `/prices/recent/${encodeURIComponent(exchange)}/${symbol}?seconds=${seconds}`;
      return (await getJson<{ quotes: Quote[] }>(path, signal)).quotes;
    }),
  );
  const from = Math.min(...lists.map((quotes) => quotes[0]?.receivedTime ?? Infinity));
  if (from === Infinity) return [];
  return momentsOfQuotes(lists, {
    from: Math.max(from, now - RECENT_MS),
    to: now,
    stepMs: RECENT_STEP_MS,
    fees,
  });
}
