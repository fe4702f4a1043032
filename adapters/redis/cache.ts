/**
 * The price cache in Redis, Valkey or a cluster of them. Everything is in memory as well: that is what is written from,
 * and what answers where Redis does not. Redis is never the only copy of anything.
 */
import type { Mode } from "../../core/domain/mode.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { type CacheStatus, type PriceCache, RECENT_MS, RECENT_QUOTES } from "../../core/ports/cache.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Pairs } from "../memory/pairs.ts";
import { slotOf } from "../memory/ring.ts";
import type { RedisClient } from "./client.ts";
import { Connection, type ConnectionPorts } from "./connection.ts";
import { priceKey, quoteOf, quotesOf, recentKey, streamId } from "./fields.ts";
import { RedisPair } from "./pair.ts";
import { Pending } from "./pending.ts";
import { Reader } from "./reader.ts";
import type { RedisServer } from "./url.ts";
import { within } from "./within.ts";
import { Unusable, Writer } from "./writer.ts";

/** Quotes wait so long for others to go with; where there are enough for a batch, they do not. */
const WRITE_EVERY_MS = 100;
const FULL_BATCH = 1000;
/** How long closing waits for what is not written yet. */
const CLOSE_WITHIN_MS = 1000;

export class RedisCache implements PriceCache {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #pairs = new Pairs((mode, exchange, symbol) => new RedisPair(mode, exchange, symbol));
  readonly #pending = new Pending();
  readonly #writer: Writer;
  readonly #connection: Connection;
  readonly #reader: Reader;
  #writing: Promise<void> = Promise.resolve();
  #closing = false;
  #wake = () => {};

  /** `ttlMs`: how long a quote stays in Redis when this process does not say that it still holds. */
  constructor(server: RedisServer, ttlMs: number, ports: ConnectionPorts) {
    this.#url = server.shown;
    this.#clock = ports.clock;
    this.#writer = new Writer(this.#pairs, this.#pending, ttlMs, ports.clock);
    this.#connection = new Connection(server, ports, (client) => {
      // The last one's failure was told to it, so it is about to end.
      this.#writing = this.#writing.then(() => this.#writeTo(client));
    });
    this.#reader = new Reader(this.#connection, ports.clock);
  }

  put(mode: Mode, quotes: readonly Quote[]): void {
    if (this.#closing) return;
    const now = this.#clock.now();
    for (const quote of quotes) {
      const { pair, forwards } = this.#pairs.put(mode, quote);
      if (!forwards && pair.streamedTo !== undefined && pair.streamedTo > quote.receivedTime) {
        pair.streamIsWrong = true;
      }
      this.#pending.add(pair, now);
    }
    this.#pairs.forget(now);
    if (this.#pending.queued >= FULL_BATCH) this.#wake();
  }

  remove(mode: Mode, pairs: readonly { exchange: string; symbol: string }[]): void {
    if (this.#closing) return;
    const now = this.#clock.now();
    for (const { exchange, symbol } of pairs) {
      const pair = this.#pairs.get(mode, exchange, symbol);
      if (pair?.latest === undefined) continue;
      pair.latest = undefined;
      this.#pending.add(pair, now);
    }
  }

  async latest(mode: Mode, exchange: string, symbol: string): Promise<Quote | undefined> {
    const key = priceKey(mode, exchange, symbol);
    const theirs = quoteOf(await this.#reader.ask(key, ["HGETALL", key]), exchange, symbol);
    const pair = this.#pairs.get(mode, exchange, symbol);
    const ours = pair?.latest;
    if (theirs === undefined) return ours;
    if (ours === undefined) return pair?.queued || pair?.inFlight ? undefined : theirs;
    return theirs.receivedTime > ours.receivedTime && !pair!.queued ? theirs : ours;
  }

  async recent(mode: Mode, exchange: string, symbol: string, since: number): Promise<Quote[]> {
    const from = Math.max(since, this.#clock.now() - RECENT_MS);
    const key = recentKey(mode, exchange, symbol);
    const args = ["XREVRANGE", key, "+", streamId(from), "COUNT", String(RECENT_QUOTES)];
    const theirs = quotesOf(await this.#reader.ask(key, args), exchange, symbol);
    const pair = this.#pairs.get(mode, exchange, symbol);
    const ours = pair?.recent.between(exchange, symbol, from) ?? [];
    if (theirs.length === 0 || pair?.streamIsWrong) return ours;
    return merged(theirs.filter(({ receivedTime }) => receivedTime >= from), ours);
  }

  status(): CacheStatus {
    const { trouble } = this.#connection;
    const { count, oldest, conflated } = this.#pending;
    return {
      kind: "redis",
      url: this.#url,
      state: trouble === null ? "ok" : "fallback",
      pending: count,
      lagMs: oldest === undefined ? null : Math.max(0, this.#clock.now() - oldest),
      written: this.#writer.written,
      conflated,
      error: trouble ?? this.#writer.refusal,
    };
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#wake();
    if (this.#connection.client !== undefined) await within(this.#writing, CLOSE_WITHIN_MS, this.#clock);
    await this.#connection.close();
    await this.#writing;
  }

  /** Writes as long as the connection lasts. */
  async #writeTo(client: RedisClient): Promise<void> {
    this.#writer.begin();
    while (this.#connection.client === client) {
      const startedAt = this.#clock.now();
      const last = this.#closing && this.#pending.queued < FULL_BATCH;
      try {
        await this.#writer.write(client, last);
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        return this.#connection.lost(client, error.message);
      }
      this.#connection.proved(client);
      if (last) return;
      if (this.#pending.queued < FULL_BATCH) await this.#rest(startedAt + WRITE_EVERY_MS - this.#clock.now());
    }
  }

  #rest(ms: number): Promise<void> {
    if (this.#closing) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.max(0, ms), resolve);
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }
}

/** One quote a half second, the later one; ours where both are the same. The latest `RECENT_QUOTES`, oldest first. */
function merged(theirs: readonly Quote[], ours: readonly Quote[]): Quote[] {
  const slots = new Map<number, Quote>();
  for (const quote of [...theirs, ...ours]) {
    const slot = slotOf(quote.receivedTime);
    const other = slots.get(slot);
    if (other === undefined || other.receivedTime <= quote.receivedTime) slots.set(slot, quote);
  }
  return [...slots.values()].sort((one, other) => one.receivedTime - other.receivedTime).slice(
    -RECENT_QUOTES,
  );
}
