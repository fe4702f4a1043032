/** A metric as it is described here: what it is called, and how it is read from what the program says of itself. */
import type { Health } from "../../core/app/market.ts";
import type { Meters } from "../../core/app/meters.ts";
import type { StreamStats } from "../../core/app/stream.ts";
import type { EventLoopDelay } from "./event_loop.ts";

/** One moment of the program: all metrics of a scrape are of the same one. */
export interface Moment {
  health: Health;
  meters: Meters;
  streams: StreamStats;
  eventLoop: EventLoopDelay;
  runtime: string;
}

export type Sample = [labels: Record<string, string>, value: number];

export interface Family {
  type: "counter" | "gauge";
  /** Prometheus' conventions: base units, `_total` for counters. */
  name: string;
  help: string;
  labels: readonly string[];
  read(moment: Moment): Sample[];
}

/** Without labels. */
export function one(
  type: Family["type"],
  name: string,
  help: string,
  read: (moment: Moment) => number,
): Family {
  return { type, name, help, labels: [], read: (moment) => [[{}, read(moment)]] };
}

/** One sample for each key of a record. */
export function byKey(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([key, value]) => [{ [label]: key }, value]);
}

/** 1 for the state that holds, 0 for the others, so that every series is there from the start. */
export function states(label: string, all: readonly string[], now: string): Sample[] {
  return all.map((state) => [{ [label]: state }, state === now ? 1 : 0]);
}
