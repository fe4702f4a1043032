/**
 * Several nodes of the same chain, in the order in which they are wanted: one that failed rests for a while, and longer
 * each time, and the next one that is not resting takes its place.
 */
import { Backoff } from "../../../core/app/backoff.ts";

export interface EndpointsOptions {
  /** The first rest after a failure, and the longest. */
  restMs: number;
  longestRestMs: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

interface Endpoint {
  url: string;
  backoff: Backoff;
  restsUntilMs: number;
}

export class Endpoints {
  readonly #endpoints: readonly Endpoint[];

  /** At least one. */
  constructor(urls: readonly string[], { restMs, longestRestMs, random }: EndpointsOptions) {
    if (urls.length === 0) throw new Error("No endpoint of a node is given, name at least one");
    this.#endpoints = [...new Set(urls)].map((url) => ({
      url,
      backoff: new Backoff(restMs, longestRestMs, random),
      restsUntilMs: -Infinity,
    }));
  }

  get count(): number {
    return this.#endpoints.length;
  }

  /** The first that is not resting, else the one that rests no longer than any other; and for how long it does, ms. */
  best(nowMs: number): { url: string; waitMs: number } {
    const awake = this.#endpoints.find(({ restsUntilMs }) => restsUntilMs <= nowMs);
    if (awake !== undefined) return { url: awake.url, waitMs: 0 };
    const next = this.#endpoints.reduce((a, b) => b.restsUntilMs < a.restsUntilMs ? b : a);
    return { url: next.url, waitMs: next.restsUntilMs - nowMs };
  }

  succeeded(url: string): void {
    const endpoint = this.#of(url);
    endpoint.backoff.reset();
    endpoint.restsUntilMs = -Infinity;
  }

  /** `retryAfterMs`: the node asks not to be asked again before. */
  failed(url: string, nowMs: number, retryAfterMs = 0): void {
    const endpoint = this.#of(url);
    endpoint.restsUntilMs = nowMs + Math.max(endpoint.backoff.next(), retryAfterMs);
  }

  #of(url: string): Endpoint {
    return this.#endpoints.find((endpoint) => endpoint.url === url)!;
  }
}

/** An address as it may be logged: what follows the host is often a key. */
export function shownUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
