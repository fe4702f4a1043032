/**
 * Episodes: opportunities from opening to closing. Keeps the open ones, and what happened to them as a list of events
 * that the caller takes away. Between two takings an opportunity appears at most once as changed, with its latest
 * figures.
 */
import type {
  CloseReason,
  FinishedOpportunity,
  Opportunity,
  OpportunityEvent,
} from "../domain/opportunity.ts";

/** What a route is worth at one evaluation. */
export type Figures = Omit<Opportunity, "id" | "openedAt">;

export class Episodes {
  readonly #open = new Map<number, Opportunity>();
  /** How those that are open began, and their best moments. */
  readonly #moments = new Map<number, Omit<FinishedOpportunity, "end">>();
  readonly #openPerSymbol = new Map<string, number>();
  readonly #changed = new Set<Opportunity>();
  readonly #run: string;
  #events: OpportunityEvent[] = [];
  #finished: FinishedOpportunity[] = [];
  #opened = 0;
  #sequence = 0;
  readonly #closed: Record<string, number> = {};

  /** `run` makes ids unique across restarts of the program. */
  constructor(run: string) {
    this.#run = run;
  }

  /** Sequence number of the last event that was taken. */
  get sequence(): number {
    return this.#sequence;
  }

  get counts(): { open: number; opened: number; closed: Record<string, number> } {
    return { open: this.#open.size, opened: this.#opened, closed: { ...this.#closed } };
  }

  get(route: number): Opportunity | undefined {
    return this.#open.get(route);
  }

  /** Open opportunities, in the order they opened. */
  list(): Opportunity[] {
    return [...this.#open.values()];
  }

  hasOpen(symbol: string): boolean {
    return (this.#openPerSymbol.get(symbol) ?? 0) > 0;
  }

  open(route: number, figures: Figures): void {
    this.#opened++;
    const opportunity = { id: `${this.#run}-${this.#opened}`, ...figures, openedAt: figures.updatedAt };
    this.#open.set(route, opportunity);
    const start = { ...opportunity };
    this.#moments.set(route, { start, peak: start });
    this.#count(figures.symbol, 1);
    this.#changed.add(opportunity);
  }

  /** Replaces the figures of an open opportunity; the same figures are no change. */
  update(route: number, figures: Figures): void {
    const before = this.#open.get(route);
    if (before === undefined) return;
    if (
      before.buyPrice === figures.buyPrice && before.sellPrice === figures.sellPrice &&
      before.sizeBase === figures.sizeBase && before.gasQuote === figures.gasQuote &&
      before.feesQuote === figures.feesQuote && before.impactQuote === figures.impactQuote
    ) return;
    Object.assign(before, figures);
    const moments = this.#moments.get(route)!;
    if (before.netBps > moments.peak.netBps) moments.peak = { ...before };
    this.#changed.add(before);
  }

  close(route: number, reason: CloseReason, now: number): void {
    const opportunity = this.#open.get(route);
    if (opportunity === undefined) return;
    this.#open.delete(route);
    this.#count(opportunity.symbol, -1);
    this.#closed[reason] = (this.#closed[reason] ?? 0) + 1;
    // A close is never alone: whoever reads the events alone sees what it was that closed.
    this.#announce(opportunity);
    const end = { ...opportunity, closedAt: now, reason };
    this.#events.push({ sequence: ++this.#sequence, kind: "closed", opportunity: end });
    this.#finished.push({ ...this.#moments.get(route)!, end });
    this.#moments.delete(route);
  }

  closeAll(reason: CloseReason, now: number): void {
    for (const route of [...this.#open.keys()]) this.close(route, reason, now);
  }

  /** The events since the last taking, in order. */
  take(): OpportunityEvent[] {
    for (const opportunity of this.#changed) this.#announce(opportunity);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Those that closed since the last taking. */
  takeFinished(): FinishedOpportunity[] {
    if (this.#finished.length === 0) return this.#finished;
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  #announce(opportunity: Opportunity): void {
    if (!this.#changed.delete(opportunity)) return;
    this.#events.push({ sequence: ++this.#sequence, kind: "opportunity", opportunity: { ...opportunity } });
  }

  #count(symbol: string, by: number): void {
    this.#openPerSymbol.set(symbol, (this.#openPerSymbol.get(symbol) ?? 0) + by);
  }
}
