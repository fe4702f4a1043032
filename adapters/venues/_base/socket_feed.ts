/**
 * A venue with a WebSocket: reads its instrument list, spreads the instruments over as many connections as its limits
 * ask for, and reads the list anew from time to time.
 */
import { Backoff } from "../../../core/app/backoff.ts";
import { retryAfterMs } from "./retry_after.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { bestState, type Feed, type FeedContext } from "./feed.ts";
import { type Listing, readListing } from "./instruments.ts";
import { RateLimit } from "./rate_limit.ts";
import { ClosingSockets } from "./socket.ts";
import { Trouble } from "./trouble.ts";
import type { Venue } from "./venue.ts";

/** Lists are read anew a little earlier or later than planned, so that many processes do not ask at once. */
const REFRESH_JITTER = 0.1;

/** RFC 6455, 4.1. Should it be accepted after all, the connection is dropped with the answer. */
const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export class SocketFeed implements Feed {
  readonly #context: FeedContext;
  readonly #venue: Venue;
  readonly #shared: ConnectionContext;
  readonly #stopping = new AbortController();
  readonly #malformed: Trouble;
  readonly #listBackoff: Backoff;
  #connections: Connection[] = [];
  /** What is subscribed, as one text, to notice that a new list changes nothing. */
  #plan: string | undefined;
  #listAt = Infinity;

  constructor(venue: Venue, context: FeedContext) {
    const { spec, log, tuning, random } = context;
    this.#context = context;
    this.#venue = venue;
    this.#malformed = new Trouble(log, "Frames that cannot be understood", tuning.logEveryMs);
    this.#listBackoff = new Backoff(tuning.listRetryMs, tuning.listRefreshMs, random);
    this.#shared = {
      ...context,
      venue,
      url: spec.wsUrl ?? venue.wsUrl,
      dials: new RateLimit(venue.limits.connectsPerMinute, 60_000),
      closing: new ClosingSockets(),
      malformed: this.#malformed,
      retryAfter: () => this.#retryAfter(),
    };
  }

  start(): void {
    this.#list();
  }

  tick(now: number): void {
    if (now >= this.#listAt) this.#list();
    for (const connection of this.#connections) connection.tick(now);
    this.#malformed.tell(now);
    this.#report();
  }

  stop(): void {
    this.#stopping.abort();
    this.#listAt = Infinity;
    for (const connection of this.#connections) connection.stop();
    this.#connections = [];
  }

  #report(): void {
    const { telemetry } = this.#context;
    telemetry.instruments = this.#connections.reduce((sum, connection) => sum + connection.active, 0);
    if (this.#plan !== undefined) {
      telemetry.feedState = bestState(this.#connections.map(({ state }) => state));
    }
  }

  /** Reads the list and, where it changes what is to be subscribed, connects anew. */
  async #list(): Promise<void> {
    this.#listAt = Infinity;
    const { spec, tuning, now, random, log } = this.#context;
    const listing = await readListing({
      venue: this.#venue,
      restUrl: spec.restUrl ?? this.#venue.restUrl,
      dataDir: spec.dataDir ?? "data",
      tuning,
      now,
      signal: this.#stopping.signal,
    });
    if (this.#stopping.signal.aborted) return;
    if (listing.source === "venue") {
      this.#listBackoff.reset();
      this.#listAt = now() + tuning.listRefreshMs * (1 + REFRESH_JITTER * (2 * random() - 1));
      if (listing.problem !== undefined) log.warning(listing.problem);
    } else {
      const retryMs = Math.max(this.#listBackoff.next(), listing.retryAfterMs ?? 0);
      this.#listAt = now() + retryMs;
      const instead = listing.source === "cache" ? "the list from before" : "the venue's naming rule";
      log.warning(`Instrument list cannot be had, using ${instead}`, { problem: listing.problem, retryMs });
    }
    // With names in use already, those of the rule are no better.
    if (listing.source === "rule" && this.#plan !== undefined) return;
    this.#subscribe(listing);
  }

  #subscribe(listing: Listing): void {
    const { spec, quotes, log, now } = this.#context;
    const { firstCell } = spec.exchanges[0]!;
    const topics: { name: string; cell: number }[] = [];
    const missing: string[] = [];
    for (const [id, symbol] of spec.symbols.entries()) {
      const name = this.#nameOf(symbol, listing);
      if (name === undefined) missing.push(symbol);
      else topics.push({ name: this.#venue.topic(name), cell: firstCell + id });
    }
    const plan = JSON.stringify(topics);
    if (plan === this.#plan) return;
    if (missing.length > 0) log.warning("Venue does not trade some symbols", { symbols: missing });
    for (const connection of this.#connections) connection.stop();
    for (let id = 0; id < spec.symbols.length; id++) quotes.withdraw(firstCell + id, now());
    this.#plan = plan;
    this.#connections = [];
    const { topicsPerConnection } = this.#venue.limits;
    for (let at = 0; at < topics.length; at += topicsPerConnection) {
      this.#connections.push(new Connection(topics.slice(at, at + topicsPerConnection), this.#shared));
    }
    this.tick(now());
  }

  #nameOf(symbol: string, { bySymbol }: Listing): string | undefined {
    if (bySymbol === null) return this.#venue.instruments.venueSymbol(symbol);
    const instrument = bySymbol.get(symbol);
    return instrument?.tradable ? instrument.venueSymbol : undefined;
  }

  /**
   * Deno shows the status of a refused handshake but not its headers, so the handshake is made once more as a plain
   * request, whose answer can be read. 0 where it has nothing to say.
   */
  async #retryAfter(): Promise<number> {
    const { tuning, now } = this.#context;
    const timeout = AbortSignal.timeout(tuning.restTimeoutMs);
    try {
      const response = await fetch(this.#shared.url.replace(/^ws/, "http"), {
        redirect: "manual",
        headers: HANDSHAKE,
        signal: AbortSignal.any([this.#stopping.signal, timeout]),
      });
      await response.body?.cancel();
      return retryAfterMs(response.headers.get("retry-after"), now(), tuning.maxRetryAfterMs) ?? 0;
    } catch {
      return 0;
    }
  }
}
