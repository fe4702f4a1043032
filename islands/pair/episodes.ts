/** Open opportunities of a pair, from the stream, and the last that ended, from the history. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Episode } from "../../core/domain/episode.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { ClosedOpportunity, Opportunity } from "../../core/domain/opportunity.ts";
import { painter, useInterval } from "../screener/hooks.ts";
import { Rows } from "../screener/rows.ts";
import { type Connection, follow } from "../screener/stream.ts";
import { AnswerError, getJson, repeat } from "./poll.ts";

export const EPISODES = 20;
const PAINT_MS = 250;
const AGAIN_MS = 30_000;
/** From the close of an opportunity until its episode can be read. */
const KEPT_AFTER_MS = 1500;

export interface EpisodesState {
  open: readonly Opportunity[];
  /** Closed a moment ago and not in the history yet, latest first. */
  ended: readonly ClosedOpportunity[];
  connection: Connection;
  finished: readonly Episode[];
  loading: boolean;
  /** Why the last attempt failed; empty where it did not. */
  trouble: string;
}

export function useEpisodes(
  start: { symbol: string; mode: Mode; opportunities: readonly Opportunity[] },
): EpisodesState {
  const { symbol, mode } = start;
  const rows = useRef<Rows>(undefined);
  const live = rows.current ??= new Rows(start.opportunities);
  const ended = useRef<readonly ClosedOpportunity[]>([]);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [past, setPast] = useState({ finished: [] as readonly Episode[], loading: true, trouble: "" });
  const [, paint] = useState(0);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const history = repeat(async (signal) => {
      try {
        const { episodes } = await getJson<{ episodes: Episode[] }>(
          `/opportunities/history?symbol=${symbol}&limit=${EPISODES}`,
          signal,
        );
        const known = new Set(episodes.map((episode) => episode.id));
        ended.current = ended.current.filter(({ id }) => !known.has(id));
        setPast({ finished: episodes, loading: false, trouble: "" });
      } catch (error) {
        const trouble = error instanceof AnswerError ? error.message : "The program does not answer";
        if (!(error instanceof DOMException && error.name === "AbortError")) {
          setPast((before) => ({ ...before, loading: false, trouble }));
        }
        throw error;
      }
    }, AGAIN_MS);
    const { request, stop } = painter(() => paint((turn) => turn + 1), PAINT_MS);
    const unfollow = follow(`/opportunities/stream?symbol=${symbol}`, {
      snapshot(snapshotMode, opportunities) {
        live.snapshot(opportunities, snapshotMode === mode);
        request();
      },
      opportunity(opportunity) {
        live.update(opportunity);
        request();
      },
      closed(opportunity) {
        ended.current = [opportunity, ...ended.current].slice(0, EPISODES);
        live.close(opportunity, Date.now());
        live.sweep(Infinity);
        clearTimeout(timer);
        timer = setTimeout(history.now, KEPT_AFTER_MS);
        request();
      },
      connection: setConnection,
    });
    return () => {
      clearTimeout(timer);
      unfollow();
      stop();
      history.stop();
    };
  }, []);

  // The time an opportunity is open goes on without an event.
  useInterval(() => paint((turn) => turn + 1), 1000);
  const open = [...live.all.values()].filter(({ closed }) => closed === undefined)
    .map(({ opportunity }) => opportunity).sort((a, b) => a.openedAt - b.openedAt).reverse();
  return { open, ended: ended.current, connection, ...past };
}
