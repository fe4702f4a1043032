/**
 * The live state behind the page: takes every event of the stream at once, and paints at most a few times a second,
 * because figures that change faster cannot be read.
 */
import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { Alerts } from "./alerts.ts";
import { arrange, type Arrangement, CALM_MS, refresh } from "./arrangement.ts";
import { painter, useInterval } from "./hooks.ts";
import { Rows } from "./rows.ts";
import { type Connection, follow } from "./stream.ts";
import { TREND_MS, Trends } from "./trends.ts";
import type { View } from "./view.ts";

/** Between two paints of the table, at least. */
const PAINT_MS = 150;
/** After scrolling, nothing moves for this long. */
const SCROLL_MS = 2000;

export interface Start {
  mode: Mode;
  opportunities: Opportunity[];
  /** The server's clock when it made the page, ms. */
  now: number;
}

export class LiveState {
  mode: Mode;
  connection: Connection = "connecting";
  /** When the last event came, on the browser's clock; 0 before the first. */
  lastEvent = 0;
  /** The server's clock, as of the last paint. */
  now: number;
  /** Counts the times that ages and trends were due. */
  beat = 0;
  paused = false;
  /** `rows.events` when the pause began. */
  pausedAt = 0;
  arrangement: Arrangement;
  /** Open rows and the best of them. */
  open = 0;
  best: Opportunity | undefined;
  readonly rows: Rows;
  readonly trends = new Trends();
  #view: View;
  #arrangedAt = 0;
  /** Set by the table: somebody points at it. */
  busy = false;
  scrolledAt = 0;
  /** How far the server's clock is ahead: a message can only arrive after it was stamped, so the largest is closest. */
  #ahead = -Infinity;

  constructor(start: Start, view: View) {
    this.mode = start.mode;
    this.now = start.now;
    this.rows = new Rows(start.opportunities);
    this.#view = view;
    this.arrangement = arrange(this.rows.all, view, 0);
  }

  snapshot(mode: Mode, opportunities: readonly Opportunity[]): void {
    this.rows.snapshot(opportunities, mode === this.mode);
    this.mode = mode;
    for (const { updatedAt } of opportunities) this.stamp(updatedAt);
  }

  stamp(serverTime: number): void {
    this.lastEvent = Date.now();
    this.#ahead = Math.max(this.#ahead, serverTime - this.lastEvent);
  }

  /** Brings what is shown up to date: called before each rendering. */
  settle(view: View): void {
    const now = Date.now();
    this.rows.sweep(now);
    const asked = view !== this.#view;
    this.#view = view;
    if (this.paused && !asked) return;
    this.open = this.rows.open;
    this.best = this.rows.best();
    // Until the first sign of the server's clock the ages stay as the server wrote them, as hydration expects.
    if (this.#ahead !== -Infinity) this.now = now + this.#ahead;
    const held = this.busy || now - this.scrolledAt < SCROLL_MS;
    if (asked || (!held && now - this.#arrangedAt >= CALM_MS)) {
      this.arrangement = arrange(this.rows.all, view, this.arrangement.turn + 1);
      this.#arrangedAt = now;
    } else this.arrangement = refresh(this.arrangement, this.rows.all, view, held);
  }
}

/**
 * Follows the stream for as long as the component lives, and renders it when there is something to see. Alerts are told
 * of every event at once, also while the page is hidden and nothing is rendered.
 */
export function useLiveState(
  start: Start,
  view: View,
  { alerts, on }: { alerts: Alerts; on: boolean },
): { live: LiveState; repaint(): void } {
  const [, render] = useReducer((turn: number) => turn + 1, 0);
  const held = useRef<LiveState>(undefined);
  const live = held.current ??= new LiveState(start, view);
  const repaint = () => render(undefined);
  const request = useRef(() => {});
  const alerting = useRef(on);
  alerting.current = on;

  useEffect(() => {
    live.stamp(start.now);
    const { request: ask, stop } = painter(repaint, PAINT_MS);
    request.current = ask;
    const unfollow = follow("/opportunities/stream", {
      snapshot(mode, opportunities) {
        live.snapshot(mode, opportunities);
        alerts.snapshot(mode, opportunities);
        ask();
      },
      opportunity(opportunity) {
        live.stamp(opportunity.updatedAt);
        live.rows.update(opportunity);
        alerts.opportunity(opportunity);
        ask();
      },
      closed(opportunity) {
        live.stamp(opportunity.closedAt);
        live.rows.close(opportunity, Date.now());
        alerts.closed(opportunity);
        ask();
      },
      connection(state) {
        live.connection = state;
        repaint();
      },
    }, () => alerting.current);
    const scrolled = () => live.scrolledAt = Date.now();
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      stop();
      unfollow();
      removeEventListener("scroll", scrolled);
    };
  }, []);

  useInterval(() => {
    if (!live.paused) {
      live.trends.sample(live.rows.all);
      live.beat++;
    }
    request.current();
  }, TREND_MS);

  return { live, repaint };
}
