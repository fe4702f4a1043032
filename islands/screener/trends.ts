/** The net edge of every route since it opened, at most the last half minute. */
import type { Row } from "./rows.ts";

/** Between two samples. */
export const TREND_MS = 500;
const TREND_POINTS = 60;

const NONE: readonly number[] = [];

export class Trends {
  readonly #points = new Map<string, number[]>();

  /** Adds one point to each open route and forgets the routes that are gone. */
  sample(all: ReadonlyMap<string, Row>): void {
    for (const key of this.#points.keys()) if (!all.has(key)) this.#points.delete(key);
    for (const { key, opportunity, closed } of all.values()) {
      if (closed !== undefined) continue;
      const points = this.#points.get(key);
      if (points === undefined) this.#points.set(key, [opportunity.netBps]);
      else {
        points.push(opportunity.netBps);
        if (points.length > TREND_POINTS) points.shift();
      }
    }
  }

  of(key: string): readonly number[] {
    return this.#points.get(key) ?? NONE;
  }
}
