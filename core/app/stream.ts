/**
 * The hub of opportunity streams: one log of events, encoded once for each form, handed to many readers with filters.
 *
 * It knows no transport. A reader names the encoder that it wants, and pulls bytes from a `StreamClient`.
 */
import type { Mode } from "../domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Clock } from "../ports/clock.ts";
import type { Market } from "./market.ts";
import { type Filter, select } from "./opportunities.ts";
import { type Keyed, StreamClient } from "./stream/client.ts";
import { type Conflated, Conflater } from "./stream/conflater.ts";
import { belowFilter, filterKey, type StreamClosed, type StreamEvent, view } from "./stream/filter.ts";
import { type Group, Groups, KEEP_ALIVE_MS } from "./stream/groups.ts";
import { firstIdAt, type LoggedEvent, StreamLog } from "./stream/log.ts";
import { type StreamEnd, StreamPlaces } from "./stream/places.ts";

export { StreamClient, type StreamClosed, type StreamEnd, StreamPlaces };

/** How events look on the wire. Readers with the same encoder share what it made. */
export interface StreamEncoder {
  /** The first bytes of every stream. */
  hello?(): Uint8Array;
  /** All open opportunities, best first. Events after it have ids above `id`. */
  snapshot(id: number, body: { mode: Mode; opportunities: Opportunity[] }): Uint8Array;
  opportunity(id: number, opportunity: Opportunity): Uint8Array;
  closed(id: number, closed: StreamClosed): Uint8Array;
  /** `id` is that of the last event, whether the reader's filter showed it or not. */
  keepAlive(id: number, now: number): Uint8Array;
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
  /** Bytes that wait for them, shared ones counted for each. */
  buffered: number;
  /** Readers refused because `maxClients` were open. */
  refused: number;
  /** Readers cut because they stopped reading. */
  cut: number;
  /** Events published, after conflation. */
  events: number;
  /** Updates that a later one replaced within `conflateMs`. */
  conflated: number;
  /** What slow readers were spared, because something newer was there before they took it. */
  superseded: number;
}

export interface ConnectOptions {
  encoder: StreamEncoder;
  /** Of the last event that the reader has seen. */
  lastEventId?: number | undefined;
  /** A reader that falls behind gets the latest of each opportunity instead of every change. */
  conflates?: boolean;
  /** Called once, for any end; after `slow` the transport must close the connection. */
  ended?: (end: StreamEnd) => void;
}

/** Of the bound, so much may wait for a reader before changes are conflated for it. */
const CONFLATE_SHARE = 0.25;

interface Made {
  snapshot?: { id: number; bytes: Uint8Array };
}
type StreamGroup = Group<Filter, StreamEncoder, StreamClient, Made>;

export class StreamHub {
  readonly #market: Market;
  readonly #clock: Clock;
  readonly #limits: StreamLimits;
  /** Shared by all kinds of streams. */
  readonly places: StreamPlaces;
  readonly #log: StreamLog;
  readonly #conflater: Conflater;
  readonly #groups = new Groups<Filter, StreamEncoder, StreamClient, Made>(filterKey, () => ({}));
  /** Open opportunities as readers know them, which is up to `conflateMs` behind the market. */
  readonly #open = new Map<string, Opportunity>();
  readonly #unsubscribe: () => void;
  readonly #firstId: number;
  /** Market events up to this sequence are known by other means than the event. */
  #seen = 0;
  #cancelKeepAlive: () => void;
  #mode: Mode;
  #closed = false;

  constructor(options: { market: Market; clock: Clock; limits: StreamLimits }) {
    this.#market = options.market;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.places = new StreamPlaces(this.#limits.maxClients);
    this.#firstId = firstIdAt(this.#clock.now());
    this.#log = new StreamLog(this.#limits.replayEvents, this.#firstId);
    this.#conflater = new Conflater(this.#clock, this.#limits.conflateMs, (event) => this.#publish(event));
    this.#mode = this.#market.mode;
    this.#seed();
    this.#unsubscribe = this.#market.subscribe((events) => this.#receive(events));
    this.#cancelKeepAlive = this.#keepAliveLater();
  }

  /** Adds a reader. It first gets what it missed since `lastEventId`, or a snapshot where that is not known. */
  connect(filter: Filter, options: ConnectOptions): StreamClient | { refused: "full" | "closed" } {
    if (this.#closed) return { refused: "closed" };
    if (!this.places.take()) return { refused: "full" };
    this.checkMode();
    const { encoder } = options;
    const group = this.#groups.of(filter, encoder);
    const { maxBufferedBytes } = this.#limits;
    const client = new StreamClient({
      maxBytes: maxBufferedBytes,
      conflateAbove: options.conflates ? maxBufferedBytes * CONFLATE_SHARE : Infinity,
      superseded: () => this.places.superseded++,
      ended: (end) => {
        this.places.leave(end);
        this.#groups.leave(group, client);
        options.ended?.(end);
      },
    });
    group.readers.add(client);
    const hello = encoder.hello?.();
    if (hello) client.push(hello);
    for (const bytes of this.#missed(group, options.lastEventId) ?? [this.#snapshot(group)]) {
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
    for (const group of this.#groups) this.#send(group, this.#snapshot(group));
  }

  /** Ends every stream after what waits for it, and takes no more readers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#cancelKeepAlive();
    this.#conflater.clear();
    for (const client of [...this.#groups.readers()]) client.close();
  }

  stats(): StreamStats {
    let buffered = 0;
    for (const client of this.#groups.readers()) buffered += client.bufferedBytes;
    return {
      clients: this.places.clients,
      buffered,
      refused: this.places.refused,
      cut: this.places.cut,
      events: this.#log.lastId - this.#firstId,
      conflated: this.#conflater.replaced,
      superseded: this.places.superseded,
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
    const { id } = logged.event;
    for (const group of this.#groups) {
      const bytes = this.#bytesFor(logged, group);
      if (!bytes) continue;
      const encode = (id: number) => this.#encode(logged.event, group, id)!;
      this.#send(group, bytes, { id, key: opportunity.id, encode });
    }
  }

  /** The bytes of an event for a filter: encoded once, whoever asks. */
  #bytesFor(logged: LoggedEvent, group: StreamGroup): Uint8Array | undefined {
    const what = view(logged.event, group.filter);
    if (what === undefined) return undefined;
    const made = what === "left" ? logged.leftBytes : logged.bytes;
    let bytes = made.get(group.encoder);
    if (!bytes) made.set(group.encoder, bytes = this.#encode(logged.event, group, logged.event.id)!);
    return bytes;
  }

  /** Undefined where the filter does not show it. */
  #encode(event: StreamEvent, { filter, encoder }: StreamGroup, id: number): Uint8Array | undefined {
    switch (view(event, filter)) {
      case "left":
        return encoder.closed(id, belowFilter(event.opportunity));
      case "event":
        return event.kind === "closed"
          ? encoder.closed(id, event.opportunity)
          : encoder.opportunity(id, event.opportunity);
    }
  }

  #send(group: StreamGroup, bytes: Uint8Array, keyed?: Keyed): void {
    for (const client of group.readers) client.push(bytes, keyed);
  }

  /** What a reader missed; undefined where that is not known, or so much that a snapshot is the better answer. */
  #missed(group: StreamGroup, lastEventId: number | undefined): Uint8Array[] | undefined {
    const logged = lastEventId === undefined ? undefined : this.#log.after(lastEventId);
    if (!logged) return undefined;
    const missed: Uint8Array[] = [];
    let size = 0;
    for (const one of logged) {
      const bytes = this.#bytesFor(one, group);
      if (!bytes) continue;
      missed.push(bytes);
      size += bytes.length;
      if (size > this.#limits.maxBufferedBytes / 2) return undefined;
    }
    return missed;
  }

  #snapshot(group: StreamGroup): Uint8Array {
    const id = this.#log.lastId;
    if (group.made.snapshot?.id !== id) {
      const opportunities = select(this.#open.values(), group.filter);
      group.made.snapshot = { id, bytes: group.encoder.snapshot(id, { mode: this.#mode, opportunities }) };
    }
    return group.made.snapshot.bytes;
  }

  #keepAliveLater(): () => void {
    return this.#clock.after(KEEP_ALIVE_MS, () => {
      this.checkMode();
      this.#groups.keepAlive((encoder) => encoder.keepAlive(this.#log.lastId, this.#clock.now()));
      this.#cancelKeepAlive = this.#keepAliveLater();
    });
  }
}
