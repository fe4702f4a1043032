/**
 * The hub of opportunity streams: one log of events, encoded once each, handed to many readers with filters.
 *
 * It knows no transport. An adapter gives it an encoder and pulls bytes from a `StreamClient`.
 *
 * Ids are integers that grow by one per event. They start at the start time of the hub in milliseconds × 1,024, so
 * every run begins above all ids of the runs before it (a run would need more than 1,024 events per millisecond to
 * break that, and stays below 2^53 until the year 2248): an id of another run, or of the time before a mode switch,
 * is recognised and answered with a snapshot.
 */
import type { Mode } from "../domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Clock } from "../ports/clock.ts";
import type { Market } from "./market.ts";
import { type Filter, select } from "./opportunities.ts";
import { StreamClient, type StreamEnd } from "./stream/client.ts";
import { type Conflated, Conflater } from "./stream/conflater.ts";
import { belowFilter, filterKey, type StreamClosed, type StreamEvent, view } from "./stream/filter.ts";
import { type LoggedEvent, StreamLog } from "./stream/log.ts";

export { StreamClient, type StreamClosed, type StreamEnd };

/** How events look on the wire. */
export interface StreamEncoder {
  /** The first bytes of every stream. */
  hello(): Uint8Array;
  /** All open opportunities, best first. Events after it have ids above `id`. */
  snapshot(id: number, body: { mode: Mode; opportunities: Opportunity[] }): Uint8Array;
  opportunity(id: number, opportunity: Opportunity): Uint8Array;
  closed(id: number, closed: StreamClosed): Uint8Array;
  keepAlive(): Uint8Array;
}

/** `server.stream` of the configuration. */
export interface StreamLimits {
  maxClients: number;
  maxBufferedBytes: number;
  replayEvents: number;
  conflateMs: number;
}

export interface StreamStats {
  clients: number;
  /** Readers refused because `maxClients` were open. */
  refused: number;
  /** Readers cut because they stopped reading. */
  cut: number;
  /** Events published, after conflation. */
  events: number;
  /** Updates that a later one replaced within `conflateMs`. */
  conflated: number;
}

/** Proxies close connections that stay silent for 30 to 60 s. */
export const KEEP_ALIVE_MS = 15_000;
const IDS_PER_MS = 1024;

/** Readers with the same filter. */
interface Group {
  filter: Filter;
  clients: Set<StreamClient>;
  snapshot?: { id: number; bytes: Uint8Array };
}

export class StreamHub {
  readonly #market: Market;
  readonly #clock: Clock;
  readonly #encoder: StreamEncoder;
  readonly #limits: StreamLimits;
  readonly #log: StreamLog;
  readonly #conflater: Conflater;
  readonly #groups = new Map<string, Group>();
  /** Open opportunities as readers know them, which is up to `conflateMs` behind the market. */
  readonly #open = new Map<string, Opportunity>();
  readonly #unsubscribe: () => void;
  readonly #firstId: number;
  /** Market events up to this sequence are known by other means than the event. */
  #seen = 0;
  #cancelKeepAlive: () => void;
  #mode: Mode;
  #clients = 0;
  #refused = 0;
  #cut = 0;
  #closed = false;

  constructor(
    options: { market: Market; clock: Clock; encoder: StreamEncoder; limits: StreamLimits },
  ) {
    this.#market = options.market;
    this.#clock = options.clock;
    this.#encoder = options.encoder;
    this.#limits = options.limits;
    this.#firstId = Math.floor(this.#clock.now()) * IDS_PER_MS;
    this.#log = new StreamLog(this.#limits.replayEvents, this.#firstId);
    this.#conflater = new Conflater(this.#clock, this.#limits.conflateMs, (event) => this.#publish(event));
    this.#mode = this.#market.mode;
    this.#seed();
    this.#unsubscribe = this.#market.subscribe((events) => this.#receive(events));
    this.#cancelKeepAlive = this.#keepAliveLater();
  }

  /**
   * Adds a reader. It first gets what it missed since `lastEventId`, or a snapshot where that is not known.
   * `ended` is called once, for any end; after `slow` the adapter must close the connection.
   */
  connect(
    filter: Filter,
    options: { lastEventId?: number | undefined; ended?: (end: StreamEnd) => void } = {},
  ): StreamClient | { refused: "full" | "closed" } {
    if (this.#closed) return { refused: "closed" };
    if (this.#clients >= this.#limits.maxClients) {
      this.#refused++;
      return { refused: "full" };
    }
    this.checkMode();
    const key = filterKey(filter);
    const group = this.#groups.get(key) ?? { filter, clients: new Set() };
    this.#groups.set(key, group);
    const client = new StreamClient(this.#limits.maxBufferedBytes, (end) => {
      this.#clients--;
      if (end === "slow") this.#cut++;
      group.clients.delete(client);
      if (group.clients.size === 0) this.#groups.delete(key);
      options.ended?.(end);
    });
    group.clients.add(client);
    this.#clients++;
    client.push(this.#encoder.hello());
    for (const bytes of this.#missed(group.filter, options.lastEventId) ?? [this.#snapshot(group)]) {
      client.push(bytes);
    }
    return client;
  }

  /** Tells all readers to start from a snapshot if the mode has changed. Cheap where it has not. */
  checkMode(): void {
    if (this.#market.mode === this.#mode) return;
    this.#mode = this.#market.mode;
    this.#conflater.clear();
    this.#log.restart();
    this.#seed();
    for (const group of this.#groups.values()) this.#send(group, this.#snapshot(group));
  }

  /** Ends every stream after what waits for it, and takes no more readers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#cancelKeepAlive();
    this.#conflater.clear();
    for (const group of [...this.#groups.values()]) {
      for (const client of [...group.clients]) client.close();
    }
  }

  stats(): StreamStats {
    return {
      clients: this.#clients,
      refused: this.#refused,
      cut: this.#cut,
      events: this.#log.lastId - this.#firstId,
      conflated: this.#conflater.replaced,
    };
  }

  /** Takes the market as it stands; events up to now are in it. */
  #seed(): void {
    this.#open.clear();
    for (const one of this.#market.opportunities()) this.#open.set(one.id, one);
    this.#seen = this.#market.sequence;
  }

  #receive(events: readonly OpportunityEvent[]): void {
    for (const event of events) if (event.sequence > this.#seen) this.#conflater.put(event);
    // After the events, so that readers hear why the old mode's opportunities ended.
    this.checkMode();
  }

  #publish({ kind, opportunity }: Conflated): void {
    const previousNetBps = this.#open.get(opportunity.id)?.netBps ?? -Infinity;
    if (kind === "closed") this.#open.delete(opportunity.id);
    else this.#open.set(opportunity.id, opportunity);
    const logged = this.#log.append((id) => ({ id, previousNetBps, kind, opportunity }) as StreamEvent);
    for (const group of this.#groups.values()) {
      const bytes = this.#bytesFor(logged, group.filter);
      if (bytes) this.#send(group, bytes);
    }
  }

  /** The bytes of an event for a filter: encoded once, whoever asks. */
  #bytesFor(logged: LoggedEvent, filter: Filter): Uint8Array | undefined {
    const { event } = logged;
    switch (view(event, filter)) {
      case undefined:
        return undefined;
      case "left":
        return logged.leftBytes ??= this.#encoder.closed(event.id, belowFilter(event.opportunity));
      case "event":
        return logged.bytes ??= event.kind === "closed"
          ? this.#encoder.closed(event.id, event.opportunity)
          : this.#encoder.opportunity(event.id, event.opportunity);
    }
  }

  #send(group: Group, bytes: Uint8Array): void {
    for (const client of group.clients) client.push(bytes);
  }

  /** What a reader missed; undefined where that is not known, or so much that a snapshot is the better answer. */
  #missed(filter: Filter, lastEventId: number | undefined): Uint8Array[] | undefined {
    const logged = lastEventId === undefined ? undefined : this.#log.after(lastEventId);
    if (!logged) return undefined;
    const missed: Uint8Array[] = [];
    let size = 0;
    for (const one of logged) {
      const bytes = this.#bytesFor(one, filter);
      if (!bytes) continue;
      missed.push(bytes);
      size += bytes.length;
      if (size > this.#limits.maxBufferedBytes / 2) return undefined;
    }
    return missed;
  }

  #snapshot(group: Group): Uint8Array {
    const id = this.#log.lastId;
    if (group.snapshot?.id !== id) {
      const opportunities = select(this.#open.values(), group.filter);
      group.snapshot = { id, bytes: this.#encoder.snapshot(id, { mode: this.#mode, opportunities }) };
    }
    return group.snapshot.bytes;
  }

  #keepAliveLater(): () => void {
    return this.#clock.after(KEEP_ALIVE_MS, () => {
      this.checkMode();
      const bytes = this.#encoder.keepAlive();
      for (const group of this.#groups.values()) this.#send(group, bytes);
      this.#cancelKeepAlive = this.#keepAliveLater();
    });
  }
}
