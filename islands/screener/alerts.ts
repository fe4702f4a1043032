/**
 * Which opportunities make an alert, and when. Each makes one at most, when it opens at the threshold or rises to it,
 * and only if it is still there when the alert is due:
 *
 * - what is open already when the page begins to watch, or when the reader changes what to watch for, is known and
 *   makes none; neither does anything in a pause;
 * - alerts keep a distance, and all that come in between are one;
 * - after a cut the stream tells what was missed; what has closed by then makes none.
 */
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";

/** What comes together is one alert. */
export const GATHER_MS = 300;
/** Between two alerts, at least. */
export const DISTANCE_MS = 5000;
/** More open opportunities than the program has; the oldest are forgotten first. */
const MAX_KNOWN = 10_000;

export interface AlertPorts {
  /** Gives the alert: at least one opportunity, the best first. */
  tell(found: readonly Opportunity[]): void;
  /** Monotonic, ms. */
  now(): number;
  later(act: () => void, ms: number): void;
}

export class Alerts {
  readonly #ports: AlertPorts;
  /** Undefined while alerts are off. */
  #fits: ((one: Opportunity) => boolean) | undefined;
  #paused = false;
  #mode: Mode | undefined;
  /** Ids that have made their alert, or need none. */
  readonly #known = new Set<string>();
  readonly #waiting = new Map<string, Opportunity>();
  #due = false;
  #toldAt = -Infinity;

  constructor(ports: AlertPorts) {
    this.#ports = ports;
  }

  /** What to watch for from now on; `open` is what is there already. */
  watch(
    fits: ((one: Opportunity) => boolean) | undefined,
    paused: boolean,
    open: Iterable<Opportunity>,
  ): void {
    this.#fits = fits;
    this.#paused = paused;
    this.#waiting.clear();
    this.#pass(open);
  }

  snapshot(mode: Mode, opportunities: readonly Opportunity[]): void {
    const ids = new Set(opportunities.map((one) => one.id));
    for (const id of this.#known) if (!ids.has(id)) this.#known.delete(id);
    for (const id of this.#waiting.keys()) if (!ids.has(id)) this.#waiting.delete(id);
    const first = mode !== this.#mode;
    this.#mode = mode;
    if (first) this.#pass(opportunities);
    else for (const one of opportunities) this.opportunity(one);
  }

  opportunity(one: Opportunity): void {
    if (this.#waiting.has(one.id)) this.#waiting.set(one.id, one);
    if (this.#known.has(one.id) || !this.#fits?.(one)) return;
    this.#know(one.id);
    if (this.#paused) return;
    this.#waiting.set(one.id, one);
    if (this.#due) return;
    this.#due = true;
    const { now, later } = this.#ports;
    later(() => this.#tell(), Math.max(GATHER_MS, this.#toldAt + DISTANCE_MS - now()));
  }

  closed({ id }: { id: string }): void {
    this.#known.delete(id);
    this.#waiting.delete(id);
  }

  #tell(): void {
    this.#due = false;
    const found: Opportunity[] = [];
    for (const one of this.#waiting.values()) {
      if (this.#fits?.(one)) found.push(one);
      // It fell back before anyone heard of it, and may rise again.
      else this.#known.delete(one.id);
    }
    this.#waiting.clear();
    if (found.length === 0) return;
    this.#toldAt = this.#ports.now();
    this.#ports.tell(found.sort((a, b) => b.netBps - a.netBps));
  }

  #pass(open: Iterable<Opportunity>): void {
    for (const one of open) if (this.#fits?.(one)) this.#know(one.id);
  }

  #know(id: string): void {
    this.#known.add(id);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.values().next().value!);
  }
}
