/** Which opportunities a filter shows, and in what order: the same for REST, streams and their snapshots. */
import type { Opportunity } from "../domain/opportunity.ts";

export interface Filter {
  /** Canonical symbol. */
  symbol?: string;
  /** On either leg. */
  exchange?: string;
  minNetBps?: number;
}

/** True where the filter shows this opportunity at this net edge; at -Infinity nothing is shown. */
export function shows(filter: Filter, opportunity: Opportunity, netBps: number): boolean {
  return (filter.symbol === undefined || filter.symbol === opportunity.symbol) &&
    (filter.exchange === undefined || filter.exchange === opportunity.buyExchange ||
      filter.exchange === opportunity.sellExchange) &&
    netBps >= (filter.minNetBps ?? -Infinity) && netBps > -Infinity;
}

/** Those that the filter shows, best net edge first, of equal ones the older. */
export function select(open: Iterable<Opportunity>, filter: Filter): Opportunity[] {
  return [...open].filter((one) => shows(filter, one, one.netBps))
    .sort((a, b) => b.netBps - a.netBps || a.openedAt - b.openedAt);
}
