/**
 * Several nodes of the same chain, in the order in which they are wanted: one that failed rests for a while,
 * and longer each time, and the next one that is not resting takes its place.
 *
 * Many calls are under way at once and fail together. What was asked before a rest ended therefore says
 * nothing new: a rest gets longer with each moment at which a node failed, not with each call.
 */
import { Backoff } from "../../../core/app/backoff.ts";

export interface Rests {
  /** The first rest after a failure, and the longest. */
  restMs: number;
  longestRestMs: number;
}

export interface EndpointsOptions extends Rests {
  /** Uniform in [0, 1). */
  random: () => number;
}

interface Endpoint {
  url: string;
  backoff: Backoff;
  restsUntilMs: number;
}

/** Chains with several blocks a second do not shorten rests any more. */
const LEAST_LONGEST_MS = 500;

/**
 * No rest is longer than a block takes, so that what a node that failed keeps back is back with one of the
 * next blocks. Where the node itself asks for a longer one, it gets it.
 */
export function restsWithin(blockMs: number, backoff: { backoffMs: number; maxBackoffMs: number }): Rests {
  const longestRestMs = Math.min(backoff.maxBackoffMs, Math.max(LEAST_LONGEST_MS, blockMs));
  // With room between the two, so that programs that failed together do not come back together.
  return { restMs: Math.min(backoff.backoffMs, longestRestMs / 2), longestRestMs };
}

export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #endpoints: readonly Endpoint[];

  /** At least one. */
  constructor(urls: readonly string[], options: EndpointsOptions) {
    if (urls.length === 0) throw new Error("No endpoint of a node is given, name at least one");
    this.#options = options;
    const { restMs, longestRestMs, random } = options;
    this.#endpoints = [...new Set(urls)].map((url) => ({
      url,
      backoff: new Backoff(restMs, longestRestMs, random),
      restsUntilMs: -Infinity,
    }));
  }

  get count(): number {
    return this.#endpoints.length;
  }

  /**
   * The first that is not resting, one of `passed` only where there is no other; else the one that rests no
   * longer than any other. And for how long it does, ms.
   */
  best(nowMs: number, passed?: ReadonlySet<string>): { url: string; waitMs: number } {
    const awake = this.#endpoints.filter(({ restsUntilMs }) => restsUntilMs <= nowMs);
    const first = awake.find(({ url }) => !passed?.has(url)) ?? awake[0];
    if (first !== undefined) return { url: first.url, waitMs: 0 };
    const next = this.#endpoints.reduce((a, b) => b.restsUntilMs < a.restsUntilMs ? b : a);
    return { url: next.url, waitMs: next.restsUntilMs - nowMs };
  }

  isResting(url: string, nowMs: number): boolean {
    return this.#of(url).restsUntilMs > nowMs;
  }

  succeeded(url: string, askedAtMs: number): void {
    const endpoint = this.#of(url);
    if (askedAtMs >= endpoint.restsUntilMs) endpoint.backoff.reset();
  }

  /** `retryAfterMs`: the node asks not to be asked again before. */
  failed(url: string, nowMs: number, { askedAtMs = nowMs, retryAfterMs = 0 } = {}): void {
    const endpoint = this.#of(url);
    const restMs = askedAtMs >= endpoint.restsUntilMs ? endpoint.backoff.next() : 0;
    const restsUntilMs = nowMs + Math.max(restMs, retryAfterMs);
    endpoint.restsUntilMs = Math.max(endpoint.restsUntilMs, restsUntilMs);
  }

  /** Waits that have nothing to do with rests, drawn as these are. */
  newBackoff(firstMs: number, longestMs: number): Backoff {
    return new Backoff(firstMs, longestMs, this.#options.random);
  }

  #of(url: string): Endpoint {
    return this.#endpoints.find((endpoint) => endpoint.url === url)!;
  }
}
