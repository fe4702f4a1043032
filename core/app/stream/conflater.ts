/**
 * Lets an opportunity's updates through at most every so often, the latest one wins. Its opening and its closing pass
 * at once, and so does the first update after a quiet time.
 */
import type { Opportunity, OpportunityEvent } from "../../domain/opportunity.ts";
import type { Clock } from "../../ports/clock.ts";

interface Flow {
  passedAt: number;
  /** The latest update that waits. */
  held?: Opportunity;
}

export type Conflated = Pick<OpportunityEvent, "kind" | "opportunity">;

export class Conflater {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #pass: (event: Conflated) => void;
  readonly #flows = new Map<string, Flow>();
  readonly #holding = new Set<Flow>();
  #cancel: (() => void) | undefined;
  /** Updates that a later one replaced. */
  replaced = 0;

  constructor(clock: Clock, everyMs: number, pass: (event: Conflated) => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#pass = pass;
  }

  put(event: OpportunityEvent): void {
    const { kind, opportunity } = event;
    const flow = this.#flows.get(opportunity.id);
    if (kind === "closed") {
      if (flow?.held) this.replaced++;
      if (flow) this.#holding.delete(flow);
      this.#flows.delete(opportunity.id);
      this.#pass(event);
      return;
    }
    const now = this.#clock.now();
    if (!flow) this.#flows.set(opportunity.id, { passedAt: now });
    else if (flow.held) {
      flow.held = opportunity;
      this.replaced++;
      return;
    } else if (this.#waitOf(flow, now) > 0) {
      flow.held = opportunity;
      this.#holding.add(flow);
      this.#cancel ??= this.#clock.after(this.#waitOf(flow, now), () => this.#flush());
      return;
    } else flow.passedAt = now;
    this.#pass(event);
  }

  /** How long until the next update may pass, ms. Where the last one passed in the future, the clock was set back. */
  #waitOf(flow: Flow, now: number): number {
    return flow.passedAt > now ? 0 : flow.passedAt + this.#everyMs - now;
  }

  #flush(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    let nextMs = Infinity;
    for (const flow of this.#holding) {
      const waitMs = this.#waitOf(flow, now);
      if (waitMs > 0) {
        nextMs = Math.min(nextMs, waitMs);
        continue;
      }
      const opportunity = flow.held!;
      delete flow.held;
      flow.passedAt = now;
      this.#holding.delete(flow);
      this.#pass({ kind: "opportunity", opportunity });
    }
    if (nextMs < Infinity) this.#cancel = this.#clock.after(nextMs, () => this.#flush());
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#flows.clear();
    this.#holding.clear();
  }
}
