/**
 * The opportunities that the page knows: one row a route, so that a route which closes and opens again keeps its
 * place. Bounded, and cheap enough to take every event at once; painting is somebody else's business.
 */
import type { ClosedOpportunity, Opportunity } from "../../core/domain/opportunity.ts";

/** A row is replaced, never changed: the same object means that nothing has to be painted. */
export interface Row {
  key: string;
  opportunity: Opportunity;
  /** When it ended, on the browser's clock, and why; undefined while it is open. */
  closed: { at: number; reason: string } | undefined;
  /** It opened while the page was watching. */
  arrived: boolean;
  /** In an arrangement: it is open, but fell below the filter of the view, and leaves with the next one. */
  below?: true;
}

/** Why a row is on its way out; undefined while it is open and fits. */
export function reasonOf({ closed, below }: Row): string | undefined {
  return closed?.reason ?? (below && "below_filter");
}

/** How long a closed row stays, fading, with its reason. */
export const FADE_MS = 4000;
/** More open routes than anyone can read; what comes after is left out. */
export const MAX_ROWS = 2000;
/** Closed rows that may wait to be taken away. */
const MAX_CLOSED = 100;

export function routeKey(opportunity: Opportunity): string {
  return `${opportunity.symbol} ${opportunity.buyExchange} ${opportunity.sellExchange}`;
}

export class Rows {
  /** Open and fading rows, in order of arrival. */
  readonly all = new Map<string, Row>();
  /** Events taken in. */
  events = 0;
  #closed = 0;

  constructor(opportunities: readonly Opportunity[] = []) {
    this.#fill(opportunities);
  }

  get open(): number {
    return this.all.size - this.#closed;
  }

  /** Replaces what was open. Rows that are fading fade on, unless the data is of another mode. */
  snapshot(opportunities: readonly Opportunity[], sameMode: boolean): void {
    this.events++;
    for (const [key, row] of this.all) {
      if (row.closed === undefined || !sameMode) this.#delete(key);
    }
    this.#fill(opportunities);
  }

  update(opportunity: Opportunity): void {
    this.events++;
    const key = routeKey(opportunity);
    const known = this.all.get(key);
    // The stream keeps its order, but a snapshot can be newer than an event that was under way.
    if (known?.opportunity.id === opportunity.id && known.opportunity.updatedAt > opportunity.updatedAt) {
      return;
    }
    if (known === undefined && this.open >= MAX_ROWS) return;
    this.#set({ key, opportunity, closed: undefined, arrived: known?.arrived ?? true });
  }

  close({ reason, ...opportunity }: ClosedOpportunity, now: number): void {
    this.events++;
    const key = routeKey(opportunity);
    const known = this.all.get(key);
    if (known === undefined || known.opportunity.id !== opportunity.id) return;
    this.#set({ key, opportunity, closed: { at: now, reason }, arrived: known.arrived });
    if (this.#closed > MAX_CLOSED) this.#dropOldestClosed();
  }

  /** Takes away closed rows that have faded. */
  sweep(now: number): void {
    if (this.#closed === 0) return;
    for (const [key, row] of this.all) {
      if (row.closed !== undefined && now - row.closed.at >= FADE_MS) this.#delete(key);
    }
  }

  /** What is open. */
  *opportunities(): Generator<Opportunity> {
    for (const { opportunity, closed } of this.all.values()) if (closed === undefined) yield opportunity;
  }

  /** The open row with the best net edge. */
  best(): Opportunity | undefined {
    let best: Opportunity | undefined;
    for (const { opportunity, closed } of this.all.values()) {
      if (closed === undefined && opportunity.netBps > (best?.netBps ?? -Infinity)) best = opportunity;
    }
    return best;
  }

  #fill(opportunities: readonly Opportunity[]): void {
    for (const opportunity of opportunities.slice(0, MAX_ROWS)) {
      this.#set({ key: routeKey(opportunity), opportunity, closed: undefined, arrived: false });
    }
  }

  #set(row: Row): void {
    if (this.all.get(row.key)?.closed !== undefined) this.#closed--;
    if (row.closed !== undefined) this.#closed++;
    this.all.set(row.key, row);
  }

  #delete(key: string): void {
    if (this.all.get(key)?.closed !== undefined) this.#closed--;
    this.all.delete(key);
  }

  #dropOldestClosed(): void {
    let oldest: Row | undefined;
    for (const row of this.all.values()) {
      if (row.closed !== undefined && row.closed.at < (oldest?.closed?.at ?? Infinity)) oldest = row;
    }
    if (oldest !== undefined) this.#delete(oldest.key);
  }
}
