/**
 * One connection to a venue for as long as the feed runs: dials, subscribes, keeps alive, notices silence, and starts
 * over with backoff. From the moment it is not to be trusted its quotes are stale; each is fresh again with its next
 * data.
 */
import { FeedState } from "../../../core/app/telemetry.ts";
import { Backoff } from "../../../core/app/backoff.ts";
import { Bases } from "./bases.ts";
import type { FeedContext } from "./feed.ts";
import type { RateLimit } from "./rate_limit.ts";
import { type MarketEvent, Sequencer } from "./sequencer.ts";
import { shownUrl } from "./shown_url.ts";
import { type ClosingSockets, Socket, type SocketEnd } from "./socket.ts";
import { Subscriptions, type Topic } from "./subscriptions.ts";
import type { Trouble } from "./trouble.ts";
import type { Venue, VenueEvent } from "./venue.ts";
import { Watchdog } from "./watchdog.ts";

/** What the connections of a feed share. */
export interface ConnectionContext extends FeedContext {
  venue: Venue;
  url: string;
  /** Connections that may be opened. */
  dials: RateLimit;
  closing: ClosingSockets;
  malformed: Trouble;
  /** How long the venue asks to be left alone after it refused a handshake, ms. */
  retryAfter(): Promise<number>;
}

/** Statuses with which a venue says "not now". */
const NOT_NOW: ReadonlySet<number> = new Set([418, 429, 503]);

/** Books of one instrument that may come on one connection: the one that was asked for, and others. */
const CHANNELS_PER_INSTRUMENT = 4;

export class Connection {
  readonly #context: ConnectionContext;
  readonly #subscriptions: Subscriptions;
  readonly #sequencer: Sequencer;
  readonly #bases: Bases;
  readonly #watchdog: Watchdog;
  readonly #backoff: Backoff;
  #socket: Socket | undefined;
  /** `waiting` until `#dialAt`; `asking` while the venue is asked how long to wait. */
  #phase: "waiting" | "asking" | "dialling" | "open" | "stopped" = "waiting";
  #state: FeedState = FeedState.connecting;
  #dialAt = 0;
  #dialledAt = 0;
  #dials = 0;
  #openedAt = 0;
  #pingAt = 0;
  #hadData = false;
  #frame = "";
  #frameTime = 0;

  constructor(topics: readonly { name: string; cell: number }[], context: ConnectionContext) {
    this.#context = context;
    const { venue, tuning, random } = context;
    this.#sequencer = new Sequencer({
      checksum: venue.checksum,
      maxTopics: topics.length * CHANNELS_PER_INSTRUMENT,
    });
    this.#bases = new Bases(context, (events) => this.#based(events));
    this.#watchdog = new Watchdog(tuning);
    this.#backoff = new Backoff(tuning.backoffMs, tuning.maxBackoffMs, random);
    this.#subscriptions = new Subscriptions(topics, {
      venue,
      tuning,
      random,
      leftOut: (topic, reason, retryMs) => this.#leftOut(topic, reason, retryMs),
    });
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Topics that were accepted and are subscribed now. */
  get active(): number {
    return this.#phase === "open" ? this.#subscriptions.active : 0;
  }

  tick(now: number): void {
    if (this.#phase === "waiting" && now >= this.#dialAt) this.#dial(now);
    else if (this.#phase === "dialling" && now - this.#dialledAt >= this.#context.tuning.connectTimeoutMs) {
      this.#fail({ reason: `Not open after ${this.#context.tuning.connectTimeoutMs} ms`, status: null });
    } else if (this.#phase === "open") this.#keep(now);
  }

  stop(): void {
    this.#phase = "stopped";
    this.#bases.reset();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #dial(now: number): void {
    const { url, dials, closing, telemetry } = this.#context;
    if (!dials.take(now)) return;
    if (this.#dials++ > 0) telemetry.reconnects++;
    this.#phase = "dialling";
    this.#dialledAt = now;
    this.#socket = new Socket(url, {
      opened: () => this.#opened(),
      text: (frame) => this.#text(frame),
      binary: (bytes) => this.#binary(bytes),
      ended: (end) => this.#fail(end),
    }, closing);
  }

  #opened(): void {
    const { now: clock, venue, log, url } = this.#context;
    const now = clock();
    this.#phase = "open";
    this.#state = FeedState.connected;
    this.#openedAt = now;
    this.#hadData = false;
    this.#pingAt = now + venue.ping.everyMs;
    this.#watchdog.start(now);
    this.#sequencer.resetAll();
    this.#subscriptions.reset(now);
    log.info("Connected", { url: shownUrl(url) });
    this.#ask(now);
  }

  /** Everything that an open connection needs from time to time. */
  #keep(now: number): void {
    const { venue, tuning } = this.#context;
    if (now - this.#openedAt >= tuning.healthyAfterMs) this.#backoff.reset();
    const verdict = this.#watchdog.look(now, this.#subscriptions.expectsData);
    if (verdict === "silent") return this.#silent("Nothing arrives any more, not even an answer to a probe");
    if (verdict === "no_data") return this.#silent(`Heartbeats but no data for ${tuning.dataSilenceMs} ms`);
    if (verdict === "probe" || now >= this.#pingAt) {
      this.#socket?.send(venue.ping.frame(this.#subscriptions.nextId(), now));
      this.#pingAt = now + venue.ping.everyMs;
    }
    if (venue.topicSilenceMs !== null) this.#renewSilentTopics(now, venue.topicSilenceMs);
    this.#subscriptions.expire(now);
    this.#ask(now);
  }

  #renewSilentTopics(now: number, silenceMs: number): void {
    for (const topic of this.#subscriptions.all()) {
      if (topic.state !== "active" || now - topic.dataAt < silenceMs) continue;
      this.#context.log.warning("Topic is silent, subscribing anew", { topic: topic.name, silenceMs });
      this.#context.quotes.stale(topic.cell, this.#context.now());
      this.#renew(topic, now);
    }
  }

  #renew(topic: Topic, now: number): void {
    this.#sequencer.reset(topic.name);
    this.#subscriptions.resubscribe(topic, now);
  }

  /** Sends the requests that are due. */
  #ask(now: number): void {
    for (let frame; (frame = this.#subscriptions.next(now)) !== undefined;) this.#socket?.send(frame);
  }

  #binary(bytes: number): void {
    this.#frame = `${bytes} bytes`;
    this.#received(bytes);
    this.#malformed("A binary frame, this venue sends text");
  }

  #text(frame: string): void {
    this.#received(frame.length);
    this.#frame = frame;
    if (frame.length > this.#context.tuning.maxFrameCharacters) {
      this.#malformed(`A frame of ${frame.length} characters`);
    } else this.#context.venue.map(frame, this.#take);
  }

  #received(bytes: number): void {
    const now = this.#context.now();
    this.#frameTime = now;
    this.#watchdog.frameAt = now;
    this.#context.arrivals.count(bytes, now);
  }

  /** One function for all frames. */
  readonly #take = (event: VenueEvent): void => {
    // An event before this one in the same frame may have ended the connection.
    if (this.#phase !== "open") return;
    const now = this.#frameTime;
    switch (event.kind) {
      case "top":
      case "snapshot":
      case "delta":
        return this.#market(event, now);
      case "alive":
        return;
      case "accepted":
        this.#subscriptions.accepted(event.requestId, event.topic, now);
        return this.#ask(now);
      case "refused":
        this.#subscriptions.refused(event.requestId, event.topic, event.reason, now);
        return this.#ask(now);
      case "closing":
        return this.#leave(event.reason);
      case "malformed":
        return this.#malformed(event.reason);
    }
  };

  /**
   * An instrument may come on another channel than the one that was asked for, as a relay or a replay has it: a deeper
   * book is as good a source of the best prices. It counts as long as the channel that was asked for is silent; what
   * it withdraws is only what it quoted, because a channel without sizes says nothing against one with them.
   */
  #market(event: MarketEvent, now: number): void {
    const { quotes, telemetry, log, venue } = this.#context;
    const asked = this.#subscriptions.get(event.topic);
    const topic = asked ?? this.#subscriptions.get(venue.topic(event.venueSymbol));
    // An instrument that was not asked for, or was unsubscribed a moment ago.
    if (topic === undefined || topic.state === "unsubscribed") return;
    if (asked === undefined && topic.source === topic.name) return;
    this.#watchdog.dataAt = now;
    const result = this.#sequencer.take(event);
    if (result.kind === "waiting") return void (event.kind === "delta" && this.#bases.take(event));
    if (asked !== undefined || result.kind === "top") topic.source = event.topic;
    else if (topic.source !== event.topic) return;
    if (result.kind === "gap") {
      telemetry.gaps++;
      quotes.withdraw(topic.cell, now);
      log.info("Book has a gap, subscribing anew", { topic: topic.name, reason: result.reason });
      this.#renew(topic, now);
      return this.#ask(now);
    }
    if (asked !== undefined) this.#subscriptions.data(topic, now);
    else topic.dataAt = now;
    if (!this.#hadData) {
      this.#hadData = true;
      this.#backoff.reset();
    }
    if (result.kind === "top") quotes.top(topic.cell, result, now);
    else {
      quotes.withdraw(topic.cell, now);
      // Two sides that make no quote are the venue's mistake, a missing side is not.
      if (event.kind === "top" && event.bid !== null && event.ask !== null) this.#malformed(result.reason);
    }
  }

  /** A book was read over REST, and what came meanwhile goes on from it. */
  #based(events: readonly MarketEvent[]): void {
    const now = this.#context.now();
    for (const event of events) if (this.#phase === "open") this.#market(event, now);
  }

  #malformed(reason: string): void {
    this.#context.telemetry.malformed++;
    this.#context.malformed.add(reason, this.#frame, this.#frameTime);
  }

  #leftOut(topic: Topic, reason: string, retryMs: number): void {
    this.#context.quotes.withdraw(topic.cell, this.#context.now());
    this.#context.log[topic.refusals === 1 ? "warning" : "debug"](
      "Venue does not deliver a topic, the others go on",
      { topic: topic.name, reason, retryMs: Math.round(retryMs) },
    );
  }

  /** The venue will close: go before, and come back at once. */
  #leave(reason: string): void {
    this.#end(FeedState.disconnected);
    const delayMs = Math.round(this.#context.tuning.backoffMs * this.#context.random());
    this.#wait(delayMs);
    this.#context.log.info("Venue closes soon, connecting anew", { reason, delayMs });
  }

  #silent(reason: string): void {
    this.#end(FeedState.silent);
    const delayMs = this.#backoff.next();
    this.#wait(delayMs);
    this.#context.log.warning("Feed is silent, connecting anew", { reason, delayMs });
  }

  #fail({ reason, status }: SocketEnd): void {
    if (this.#phase === "stopped") return;
    const opened = this.#phase === "open";
    this.#end(FeedState.disconnected);
    const delayMs = this.#backoff.next();
    this.#context.log.warning(opened ? "Connection lost" : "Cannot connect", { reason, delayMs });
    if (status !== null && NOT_NOW.has(status)) this.#askWhen(status, delayMs);
    else this.#wait(delayMs);
  }

  #askWhen(status: number, leastMs: number): void {
    this.#phase = "asking";
    this.#context.retryAfter().then((asked) => {
      if (this.#phase !== "asking") return;
      // Everybody was told the same moment; spread over a tenth more.
      const delayMs = Math.round(Math.max(leastMs, asked * (1 + this.#context.random() / 10)));
      this.#context.log.warning("Venue asks to wait", { status, delayMs });
      this.#wait(delayMs);
    });
  }

  /** Closes what there is; its quotes are stale from now on. */
  #end(state: FeedState): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#bases.reset();
    this.#state = state;
    this.#phase = "waiting";
    for (const topic of this.#subscriptions.all()) {
      this.#context.quotes.stale(topic.cell, this.#context.now());
    }
  }

  #wait(delayMs: number): void {
    this.#phase = "waiting";
    this.#dialAt = this.#context.now() + delayMs;
  }
}
