/** Opportunities as they open, change and close. */
import type { StreamEvent, StreamOptions } from "./options.ts";
import { MarketStream, type Subject } from "./stream.ts";
import type { ClosedOpportunity, Mode, Opportunity, OpportunityFilter } from "./types.ts";

/** What happens to opportunities. A snapshot replaces all of them, everything else changes one. */
export type OpportunityChange =
  /** What is open now, best net edge first. */
  | { type: "snapshot"; mode: Mode; opportunities: Opportunity[] }
  /** One that has opened or changed. */
  | { type: "update"; opportunity: Opportunity }
  /** One that has ended. A loop that was slow may never have seen it open. */
  | { type: "close"; opportunity: ClosedOpportunity };

export type OpportunityEvent = OpportunityChange | StreamEvent<OpportunityFilter>;

/** Open opportunities are in `rows` by their `id`. */
export type OpportunityStream = MarketStream<Opportunity, OpportunityFilter, OpportunityChange>;

/**
 * Follows open opportunities of the program at `server`, for example `http://127.0.0.1:8080`.
 *
 * Throws a TypeError where that is no such address, and a RangeError for a number that makes no sense; all that can go
 * wrong later is told by the stream.
 */
export function followOpportunities(
  server: string | URL,
  { symbol, exchange, minNetBps, ...options }: OpportunityFilter & StreamOptions = {},
): OpportunityStream {
  const filter: OpportunityFilter = { symbol, exchange, minNetBps };
  return new MarketStream(subject, server, filter, options);
}

/** Brings a table by `id` up to date with an event; events that are not about opportunities leave it as it is. */
export function applyToOpportunities(rows: Map<string, Opportunity>, event: OpportunityEvent): void {
  switch (event.type) {
    case "snapshot":
      rows.clear();
      for (const one of event.opportunities) rows.set(one.id, one);
      break;
    case "update":
      rows.set(event.opportunity.id, event.opportunity);
      break;
    case "close":
      rows.delete(event.opportunity.id);
  }
}

const subject: Subject<Opportunity, OpportunityChange> = {
  path: "/opportunities/ws",
  read(message) {
    switch (message.kind) {
      case "opportunitySnapshot":
        return [{ type: "snapshot", mode: message.mode, opportunities: message.opportunities }];
      case "opportunityUpdate":
        return [{ type: "update", opportunity: message.opportunity }];
      case "opportunityClose":
        return [{ type: "close", opportunity: message.opportunity }];
    }
  },
  keyOf: (change) => change.type === "snapshot" ? undefined : change.opportunity.id,
  apply: applyToOpportunities,
  snapshot: (mode, opportunities) => ({
    type: "snapshot",
    mode,
    opportunities: opportunities.sort((a, b) => b.netBps - a.netBps),
  }),
};
