/**
 * Which node to ask next where some do not have a block yet. They are well and do not rest: those that were
 * not asked are asked at once, then all of them again after a little while.
 */
import type { Backoff } from "../../../core/app/backoff.ts";
import type { Endpoints } from "./endpoints.ts";

/** The first wait; no wait is shorter. */
const FIRST_MS = 50;
/**
 * So often it is waited: for about one block on most chains, for two or three where they take less than a
 * second.
 */
const WAITS = 12;

export class Behind {
  readonly #endpoints: Endpoints;
  readonly #backoff: Backoff;
  readonly #asked = new Set<string>();

  constructor(endpoints: Endpoints, longestMs: number) {
    this.#endpoints = endpoints;
    this.#backoff = endpoints.newBackoff(FIRST_MS, Math.max(2 * FIRST_MS, longestMs));
  }

  add(url: string): void {
    this.#asked.add(url);
  }

  /** Undefined where it was waited often enough. */
  next(nowMs: number): { url: string; waitMs: number } | undefined {
    const { url, waitMs } = this.#endpoints.best(nowMs, this.#asked);
    if (!this.#asked.has(url)) return { url, waitMs };
    if (this.#backoff.failures >= WAITS) return undefined;
    this.#asked.clear();
    return { url: this.#endpoints.best(nowMs).url, waitMs: Math.max(waitMs, this.#backoff.next()) };
  }
}
