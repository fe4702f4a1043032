/**
 * What one connection has asked for and what became of it. Decides the next request; sends nothing itself.
 *
 * A venue may refuse a whole request because of one topic. Then its topics are asked for again in requests of half
 * the size, and so on, until the bad one stands alone: only that one is left out.
 */
import { Backoff } from "../../../core/app/backoff.ts";
import { RateLimit } from "./rate_limit.ts";
import type { FeedTuning } from "./tuning.ts";
import type { Venue } from "./venue.ts";

export interface Topic {
  readonly name: string;
  /** Where its quote stands in the table. */
  readonly cell: number;
  /**
   * `due`: to be asked for. `unsubscribed`: the same, and nothing that still arrives for it counts. `asked`: waits
   * for an answer or data. `active`: accepted, or data came.
   */
  state: "due" | "unsubscribed" | "asked" | "active";
  /** It is not asked for before this. */
  dueAt: number;
  /** It is still subscribed at the venue and must be unsubscribed before. */
  unsubscribeFirst: boolean;
  /** The request that waits for an answer, 0 for none. */
  request: number;
  askedAt: number;
  /** The largest request that it may travel in. */
  maxBatch: number;
  /** Refusals in a row. */
  refusals: number;
  /** The venue refused it by name: no data is expected of it. */
  leftOut: boolean;
  /** When data last came, or when the wait for data began. */
  dataAt: number;
  /** The topic whose data its quote is made of: its own, or another of the instrument; null before any. */
  source: string | null;
  backoff: Backoff;
  troubledAt: number;
}

export interface SubscriptionOptions {
  venue: Pick<Venue, "limits" | "subscribe" | "unsubscribe">;
  tuning: Pick<
    FeedTuning,
    | "ackTimeoutMs"
    | "refusedRetryMs"
    | "backoffMs"
    | "maxBackoffMs"
    | "healthyAfterMs"
    | "maxRequestCharacters"
  >;
  /** Uniform in [0, 1). */
  random(): number;
  /** A topic is left out until `retryMs` from now. */
  leftOut(topic: Topic, reason: string, retryMs: number): void;
}

/** A refused topic is asked for again after refusedRetryMs ÷ 20, then 4 times that, and so on up to it. */
const FIRST_RETRY_SHARE = 1 / 20;
const RETRY_GROWTH = 4;

export class Subscriptions {
  readonly #topics = new Map<string, Topic>();
  readonly #options: SubscriptionOptions;
  #requests: RateLimit;
  #lastId = 0;

  constructor(topics: readonly { name: string; cell: number }[], options: SubscriptionOptions) {
    this.#options = options;
    this.#requests = newRateLimit(options);
    for (const { name, cell } of topics) this.#topics.set(name, newTopic(name, cell, options));
  }

  /** The topic of that name, if we asked for it. */
  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  all(): Iterable<Topic> {
    return this.#topics.values();
  }

  get active(): number {
    let active = 0;
    for (const topic of this.#topics.values()) if (topic.state === "active") active++;
    return active;
  }

  /** True while at least one topic was not refused. */
  get expectsData(): boolean {
    for (const topic of this.#topics.values()) if (!topic.leftOut) return true;
    return false;
  }

  /** A new request id, decimal text. */
  nextId(): string {
    return String(++this.#lastId);
  }

  /** On a new connection everything is to be asked for again; what was refused keeps its wait. */
  reset(now: number): void {
    this.#requests = newRateLimit(this.#options);
    for (const topic of this.#topics.values()) {
      topic.state = "due";
      topic.unsubscribeFirst = false;
      topic.request = 0;
      topic.source = null;
      if (topic.leftOut) continue;
      topic.dueAt = now;
      this.#settle(topic);
    }
  }

  /** The next frame to send, if one is due and the rate of requests allows it. */
  next(now: number): string | undefined {
    const leaving = this.#batch((topic) => topic.unsubscribeFirst && topic.dueAt <= now);
    const batch = leaving.length > 0
      ? leaving
      : this.#batch((topic) =>
        topic.dueAt <= now && (topic.state === "due" || topic.state === "unsubscribed")
      );
    if (batch.length === 0 || !this.#requests.take(now)) return undefined;
    const id = ++this.#lastId;
    const { venue } = this.#options;
    const [frame, sent] = leaving.length > 0
      ? this.#fit(batch, (names) => venue.unsubscribe(names, String(id), now))
      : this.#fit(batch, (names) => venue.subscribe(names, String(id), now));
    for (const topic of sent) {
      if (leaving.length > 0) {
        topic.unsubscribeFirst = false;
        topic.state = "unsubscribed";
      } else {
        topic.state = "asked";
        topic.request = id;
        topic.askedAt = now;
      }
    }
    return frame;
  }

  /** Sound data of a topic came: as good as accepted. */
  data(topic: Topic, now: number): void {
    topic.dataAt = now;
    if (topic.state === "active" || topic.state === "unsubscribed") return;
    topic.state = "active";
    topic.unsubscribeFirst = false;
    topic.leftOut = false;
  }

  accepted(requestId: string | null, name: string | null, now: number): void {
    for (const topic of this.#meant(requestId, name)) {
      topic.state = "active";
      topic.request = 0;
      topic.dataAt = Math.max(topic.dataAt, now);
      this.#settle(topic);
    }
  }

  refused(requestId: string | null, name: string | null, reason: string, now: number): void {
    this.#refuse(this.#meant(requestId, name), reason, now, true);
  }

  /** Gives up waiting for answers that are overdue. */
  expire(now: number): void {
    const { ackTimeoutMs } = this.#options.tuning;
    const overdue = new Map<number, Topic[]>();
    for (const topic of this.#topics.values()) {
      if (topic.request === 0 || now - topic.askedAt < ackTimeoutMs) continue;
      if (topic.state === "active") {
        topic.request = 0;
        this.#settle(topic);
      } else overdue.set(topic.request, [...overdue.get(topic.request) ?? [], topic]);
    }
    for (const topics of overdue.values()) {
      this.#refuse(topics, `No answer within ${ackTimeoutMs} ms`, now, false);
    }
  }

  /** Unsubscribes and subscribes a topic, at once the first time, with backoff where it happens again and again. */
  resubscribe(topic: Topic, now: number): void {
    if (topic.state !== "active" && topic.state !== "asked") return;
    const again = now - topic.troubledAt < this.#options.tuning.healthyAfterMs;
    if (!again) topic.backoff.reset();
    topic.troubledAt = now;
    topic.state = "due";
    topic.request = 0;
    topic.unsubscribeFirst = true;
    topic.dueAt = now + (again ? topic.backoff.next() : 0);
  }

  /** Halves what was refused together; what was refused alone is left out for a while. */
  #refuse(topics: readonly Topic[], reason: string, now: number, byVenue: boolean): void {
    const [first] = topics;
    if (first !== undefined && topics.length === 1) return this.#leaveOut(first, reason, now, byVenue);
    for (const topic of topics) {
      topic.state = "due";
      topic.request = 0;
      topic.dueAt = now;
      topic.maxBatch = Math.ceil(topics.length / 2);
    }
  }

  #leaveOut(topic: Topic, reason: string, now: number, byVenue: boolean): void {
    const { refusedRetryMs } = this.#options.tuning;
    const retryMs = Math.min(
      refusedRetryMs,
      refusedRetryMs * FIRST_RETRY_SHARE * RETRY_GROWTH ** topic.refusals,
    );
    topic.state = "due";
    topic.request = 0;
    topic.dueAt = now + retryMs;
    topic.maxBatch = 1;
    topic.leftOut = byVenue;
    topic.refusals++;
    this.#options.leftOut(topic, reason, retryMs);
  }

  /**
   * The topics that an answer is about, among those that wait for one: the one that it names, else those of the request
   * that it names, else those of the oldest request. An answer to anything else (an unsubscription) is about none.
   */
  #meant(requestId: string | null, name: string | null): Topic[] {
    const named = name === null ? undefined : this.#topics.get(name);
    if (named !== undefined) return named.request === 0 ? [] : [named];
    const request = requestId === null ? this.#oldestRequest() : Number(requestId);
    return [...this.#topics.values()].filter((topic) => topic.request !== 0 && topic.request === request);
  }

  #oldestRequest(): number {
    let oldest = Infinity;
    for (const { request } of this.#topics.values()) if (request !== 0) oldest = Math.min(oldest, request);
    return oldest;
  }

  /** As many topics as one request may have; none in a larger company than it may be in. */
  #batch(isDue: (topic: Topic) => boolean): Topic[] {
    const batch: Topic[] = [];
    let most = Infinity;
    for (const topic of this.#topics.values()) {
      if (!isDue(topic) || topic.maxBatch <= batch.length) continue;
      most = Math.min(most, topic.maxBatch);
      batch.push(topic);
      if (batch.length >= most) break;
    }
    return batch;
  }

  /** The frame for as many of the topics as stay within the characters of a request. */
  #fit(topics: Topic[], frameOf: (names: string[]) => string): [frame: string, sent: Topic[]] {
    const { venue, tuning } = this.#options;
    const most = Math.min(venue.limits.charactersPerRequest, tuning.maxRequestCharacters);
    for (;;) {
      const frame = frameOf(topics.map((topic) => topic.name));
      if (frame.length <= most || topics.length === 1) return [frame, topics];
      topics = topics.slice(0, Math.ceil(topics.length / 2));
    }
  }

  #settle(topic: Topic): void {
    topic.maxBatch = this.#options.venue.limits.topicsPerRequest;
    topic.refusals = 0;
    topic.leftOut = false;
  }
}

function newTopic(name: string, cell: number, { venue, tuning, random }: SubscriptionOptions): Topic {
  return {
    name,
    cell,
    state: "due",
    dueAt: -Infinity,
    unsubscribeFirst: false,
    request: 0,
    askedAt: 0,
    maxBatch: venue.limits.topicsPerRequest,
    refusals: 0,
    leftOut: false,
    dataAt: -Infinity,
    source: null,
    backoff: new Backoff(tuning.backoffMs, tuning.maxBackoffMs, random),
    troubledAt: -Infinity,
  };
}

function newRateLimit({ venue }: SubscriptionOptions): RateLimit {
  const rate = venue.limits.requestsPerSecond;
  return rate >= 1 ? new RateLimit(rate, 1_000) : new RateLimit(1, 1_000 / rate);
}
