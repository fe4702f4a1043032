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
  /** Ids that have made their alert. */
  readonly #told = new Set<string>();
  /** Ids that need none while the reader watches for the same: a threshold that is typed passes through others. */
  readonly #passed = new Set<string>();
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
    this.#passed.clear();
    this.#pass(open);
  }

  snapshot(mode: Mode, opportunities: readonly Opportunity[]): void {
    const ids = new Set(opportunities.map((one) => one.id));
    for (const known of [this.#told, this.#passed, this.#waiting]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    }
    const first = mode !== this.#mode;
    this.#mode = mode;
    if (first) this.#pass(opportunities);
    else for (const one of opportunities) this.opportunity(one);
  }

  opportunity(one: Opportunity): void {
    const { id } = one;
    if (!this.#waiting.has(id)) {
      if (this.#told.has(id) || this.#passed.has(id) || !this.#fits?.(one)) return;
      if (this.#paused) return remember(this.#passed, id);
    }
    this.#waiting.set(id, one);
    if (this.#due) return;
    this.#due = true;
    const { now, later } = this.#ports;
    later(() => this.#tell(), Math.max(GATHER_MS, this.#toldAt + DISTANCE_MS - now()));
  }

  closed({ id }: { id: string }): void {
    for (const known of [this.#told, this.#passed, this.#waiting]) known.delete(id);
  }

  #tell(): void {
    this.#due = false;
    // One that fell back before anyone heard of it may rise again.
    const found = [...this.#waiting.values()].filter((one) => this.#fits?.(one));
    this.#waiting.clear();
    if (found.length === 0) return;
    for (const { id } of found) remember(this.#told, id);
    this.#toldAt = this.#ports.now();
    this.#ports.tell(found.sort((a, b) => b.netBps - a.netBps));
  }

  #pass(open: Iterable<Opportunity>): void {
    for (const one of open) if (this.#fits?.(one)) remember(this.#passed, one.id);
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size > MAX_KNOWN) ids.delete(ids.values().next().value!);
}
