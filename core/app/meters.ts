/**
 * What only grows, for monitoring. A worker's telemetry is made anew for each of its starts and its supervisor for each
 * switch of the mode; the sums here outlive both, so that a counter goes back only when the process starts anew.
 */
import type { Mode } from "../domain/mode.ts";
import type { Telemetry } from "./telemetry.ts";

const FROM_TELEMETRY = ["frames", "bytes", "malformed", "gaps", "conflated", "reconnects"] as const;

/** Of one venue; the names are those of `VenueStatus`. */
export type VenueCounters = Record<typeof FROM_TELEMETRY[number] | "restarts", number>;

export interface Meters {
  /** When the program started, ms since the epoch. */
  startedAt: number;
  /** Every venue that has run since then, in the mode it ran in. */
  venues: { mode: Mode; venue: string; counters: VenueCounters }[];
  /** The quotes of each exchange of the present mode. */
  exchanges: { venue: string; exchange: string; quotes: number; freshQuotes: number }[];
  /** Rows read from the channels, and the ticks they stood for. */
  rows: number;
  ticks: number;
  /** Readings of all channels that found rows, and the time from each until its events were handed over, ms. */
  rounds: number;
  evaluationMs: number;
}

/** `telemetry`: undefined before the first start. */
export function countersOf(telemetry?: Telemetry, restarts = 0): VenueCounters {
  const counters = { restarts } as VenueCounters;
  for (const name of FROM_TELEMETRY) counters[name] = telemetry?.[name] ?? 0;
  return counters;
}

export function sumOf(a: VenueCounters, b: VenueCounters): VenueCounters {
  const sum = { ...a };
  for (const name of Object.keys(sum) as (keyof VenueCounters)[]) sum[name] += b[name];
  return sum;
}

/** The counters of venues by mode, over all supervisors they had. */
export class VenueMeters {
  readonly #past = new Map<string, Meters["venues"][number]>();

  /** These have ended for good. */
  end(mode: Mode, venue: string, counters: VenueCounters): void {
    this.#past.set(`${mode} ${venue}`, { mode, venue, counters: this.#with(mode, venue, counters) });
  }

  /** All of the past, with those of the present mode as they stand now. */
  list(mode: Mode, present: readonly { venue: string; counters: VenueCounters }[]): Meters["venues"] {
    const all = new Map(this.#past);
    for (const { venue, counters } of present) {
      all.set(`${mode} ${venue}`, { mode, venue, counters: this.#with(mode, venue, counters) });
    }
    return [...all.values()];
  }

  #with(mode: Mode, venue: string, counters: VenueCounters): VenueCounters {
    const past = this.#past.get(`${mode} ${venue}`);
    return past === undefined ? counters : sumOf(past.counters, counters);
  }
}
