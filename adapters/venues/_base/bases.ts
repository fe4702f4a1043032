/**
 * Books whose channel carries differences only: their base is read over REST while the differences wait. One for each
 * connection.
 */
import type { FeedContext } from "./feed.ts";
import { readBody } from "./rest.ts";
import type { MarketEvent } from "./sequencer.ts";
import type { Venue } from "./venue.ts";

type Delta = Extract<MarketEvent, { kind: "delta" }>;

/** More differences than that while one request is under way are let go; the gap that they leave is noticed later. */
const MOST_WAITING = 1_000;
/** A base is a book of a few hundred levels. */
const MOST_BODY_BYTES = 2 ** 20;

type BasesContext = Pick<FeedContext, "spec" | "tuning" | "now" | "log"> & { venue: Venue };

export class Bases {
  readonly #context: BasesContext;
  readonly #deliver: (events: readonly MarketEvent[]) => void;
  /** By topic, while its base is being read. */
  readonly #waiting = new Map<string, Delta[]>();
  /** When the base of a topic was read last. */
  readonly #readAt = new Map<string, number>();
  #stopping = new AbortController();
  /** One request after another, however many books there are. */
  #queue: Promise<void> = Promise.resolve();

  /** `deliver` gets a base and what waited for it, in order. */
  constructor(context: BasesContext, deliver: (events: readonly MarketEvent[]) => void) {
    this.#context = context;
    this.#deliver = deliver;
  }

  /** Takes a difference that no book can take yet. Where the venue has no base for it, that is the end of it. */
  take(delta: Delta): void {
    const { venue, tuning, now } = this.#context;
    const path = venue.base?.path(delta.topic, delta.venueSymbol) ?? null;
    if (path === null) return;
    const waiting = this.#waiting.get(delta.topic);
    if (waiting !== undefined) {
      if (waiting.length < MOST_WAITING) waiting.push(delta);
    } else if (now() - (this.#readAt.get(delta.topic) ?? -Infinity) >= tuning.baseRetryMs) {
      this.#waiting.set(delta.topic, [delta]);
      const { signal } = this.#stopping;
      this.#queue = this.#queue.then(() => this.#read(path, delta, signal));
    }
  }

  /** The connection ended: nothing that waits is of use any more. */
  reset(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#waiting.clear();
    this.#readAt.clear();
  }

  async #read(path: string, { topic, venueSymbol }: Delta, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { venue, spec, tuning, now, log } = this.#context;
    const options = { now, signal, tuning, maxBytes: MOST_BODY_BYTES };
    const { body, problem } = await readBody(spec.restUrl ?? venue.restUrl, path, options);
    if (signal.aborted) return;
    const waiting = this.#waiting.get(topic) ?? [];
    this.#waiting.delete(topic);
    this.#readAt.set(topic, now());
    const base = body === undefined ? undefined : venue.base!.parse(venueSymbol, body);
    if (base?.kind === "snapshot") return this.#deliver([base, ...waiting]);
    const reason = base?.kind === "malformed" ? base.reason : problem;
    log.warning("Base of a book cannot be had", { topic, problem: reason, retryMs: tuning.baseRetryMs });
  }
}
