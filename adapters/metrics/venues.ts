/** Metrics of venues and of their exchanges. */
import type { VenueStatus } from "../../core/app/market.ts";
import type { VenueCounters } from "../../core/app/meters.ts";
import type { Family, Moment, Sample } from "./family.ts";

const STATES: readonly VenueStatus["state"][] = [
  "starting",
  "connecting",
  "connected",
  "silent",
  "disconnected",
  "restarting",
];

/** The data of the two modes do not mix, so each has its own counters. They stay when the mode is left. */
function counter(of: keyof VenueCounters, name: string, help: string): Family {
  return {
    type: "counter",
    name: `marketflow_venue_${name}_total`,
    help,
    labels: ["mode", "venue"],
    read: ({ meters }) => meters.venues.map(({ mode, venue, counters }) => [{ mode, venue }, counters[of]]),
  };
}

/** Of the venues of the present mode; null is no sample. */
function gauge(name: string, help: string, of: (venue: VenueStatus) => number | null): Family {
  return {
    type: "gauge",
    name: `marketflow_venue_${name}`,
    help,
    labels: ["mode", "venue"],
    read: ({ health: { mode, venues } }) =>
      venues.flatMap((venue): Sample[] => {
        const value = of(venue);
        return value === null ? [] : [[{ mode, venue: venue.id }, value]];
      }),
  };
}

function ofExchange(name: string, help: string, of: (one: Exchange) => number): Family {
  return {
    type: "gauge",
    name: `marketflow_exchange_${name}`,
    help,
    labels: ["mode", "venue", "exchange"],
    read: ({ health: { mode }, meters }) =>
      meters.exchanges.map((one) => [{ mode, venue: one.venue, exchange: one.exchange }, of(one)]),
  };
}
type Exchange = Moment["meters"]["exchanges"][number];

export const VENUES: readonly Family[] = [
  counter("frames", "frames", "Frames received"),
  counter("bytes", "received_bytes", "Bytes received"),
  counter("malformed", "malformed_frames", "Frames that could not be understood"),
  counter("gaps", "gaps", "Sequence gaps and checksum mismatches"),
  counter("conflated", "conflated_ticks", "Ticks merged into a later one because the channel was full"),
  counter("reconnects", "reconnects", "Times the feed connected again"),
  counter("restarts", "restarts", "Times the worker was started again"),
  {
    type: "gauge",
    name: "marketflow_venue_state",
    help: "1 for the state that the venue is in, 0 for the others",
    labels: ["mode", "venue", "state"],
    read: ({ health: { mode, venues } }) =>
      venues.flatMap(({ id, state }) =>
        STATES.map((one): Sample => [{ mode, venue: id, state: one }, one === state ? 1 : 0])
      ),
  },
  gauge("connected", "1 where the venue is connected and delivers", ({ connected }) => connected ? 1 : 0),
  gauge(
    "last_frame_age_seconds",
    "Time since the last frame; none before the first",
    ({ lastFrameAgeMs }) => lastFrameAgeMs === null ? null : lastFrameAgeMs / 1000,
  ),
  gauge("channel_depth_rows", "Rows that wait for the core", ({ channelDepth }) => channelDepth),
  gauge("instruments", "Instruments subscribed", ({ instruments }) => instruments),
  gauge("fresh_quotes", "Quotes whose feed is alive", ({ freshQuotes }) => freshQuotes),
  gauge("quotes", "Quotes in the table, fresh and stale", ({ quotes }) => quotes),
  ofExchange("fresh_quotes", "Quotes whose feed is alive", ({ freshQuotes }) => freshQuotes),
  ofExchange("quotes", "Quotes in the table, fresh and stale", ({ quotes }) => quotes),
];
