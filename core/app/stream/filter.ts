/** What the events of a stream are to a reader with a filter. */
import type { ClosedOpportunity, CloseReason, Opportunity } from "../../domain/opportunity.ts";
import { type Filter, shows } from "../opportunities.ts";

/** `below_filter` exists on streams alone: the opportunity lives on, below the `minNetBps` that was asked for. */
export type StreamClosed = Omit<ClosedOpportunity, "reason"> & { reason: CloseReason | "below_filter" };

/** An event as it stands in the log. */
export type StreamEvent =
  & {
    /** Grows by one per event; see `StreamHub` for where it starts. */
    id: number;
    /** Net edge in this opportunity's event before this one, -Infinity where this is its first. */
    previousNetBps: number;
  }
  & ({ kind: "opportunity"; opportunity: Opportunity } | { kind: "closed"; opportunity: ClosedOpportunity });

/** One key per filter, whatever the order of its fields: clients with the same key share everything. */
export function filterKey(filter: Filter): string {
  return JSON.stringify([filter.symbol ?? null, filter.exchange ?? null, filter.minNetBps ?? null]);
}

/**
 * What an event is to a reader: itself, the moment when the opportunity left the filter, or nothing. It follows from
 * the event and the filter alone, so live readers and those that catch up are told the same.
 */
export function view(event: StreamEvent, filter: Filter): "event" | "left" | undefined {
  const { kind, opportunity, previousNetBps } = event;
  const before = shows(filter, opportunity, previousNetBps);
  if (kind === "closed") return before ? "event" : undefined;
  if (shows(filter, opportunity, opportunity.netBps)) return "event";
  return before ? "left" : undefined;
}

export function belowFilter(opportunity: Opportunity): StreamClosed {
  return { ...opportunity, closedAt: opportunity.updatedAt, reason: "below_filter" };
}
