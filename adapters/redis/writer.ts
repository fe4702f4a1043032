/**
 * Writes quotes to Redis in batches, one batch under way at a time.
 *
 * The latest quotes come first. A hash is written whole; its time to live is set with it now and then, and where the
 * quote does not change, by itself. What memory has and the streams have not is written after: a stream that is new to
 * the connection is asked how far it goes, so a Redis that comes back empty gets the last minutes again, and one that
 * comes back full gets what it missed.
 */
import { RECENT_MS, RECENT_QUOTES } from "../../core/ports/cache.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Pairs } from "../memory/pairs.ts";
import { SLOT_MS, slotOf } from "../memory/ring.ts";
import { type Command, isRefusal, type RedisClient } from "./client.ts";
import { ALL_FIELDS, fieldNames, fieldsOf, hset, quotesOf, type Reply, xadd } from "./fields.ts";
import { type RedisPair, UNKNOWN } from "./pair.ts";
import type { Pending } from "./pending.ts";
import { LATE, within } from "./within.ts";

/** Pairs in a batch: tens of milliseconds of Redis'. */
const BATCH = 2500;
/** Commands that are sent in one turn: a few milliseconds of our thread. Redis works on them while the next are made. */
const SLICE = 500;
/** A batch that takes longer means that Redis is gone. */
const BATCH_WITHIN_MS = 1000;
/** Entries of streams in one round: 20,000 a second, so that filling them again leaves the core its time. */
const STREAM_BATCH = 2000;
/** A stream outlives its last quote by this much more than the quote is asked for. */
const STREAM_TTL_MS = RECENT_MS + 60_000;
const STREAM_KEEP_MS = 30_000;
/** The stream's last quote is from the future if it is that much later than ours. */
const CLOCKS_DIFFER_MS = 1000;

/** Redis cannot be used as it is. */
export class Unusable extends Error {}

export class Writer {
  readonly #pairs: Pairs<RedisPair>;
  readonly #pending: Pending;
  readonly #ttlMs: number;
  readonly #clock: Clock;
  #written = 0;
  #refusal: string | null = null;
  #refusedAt = -Infinity;
  #streamedSlot = -Infinity;
  #keptAt = -Infinity;

  constructor(pairs: Pairs<RedisPair>, pending: Pending, ttlMs: number, clock: Clock) {
    this.#pairs = pairs;
    this.#pending = pending;
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  get written(): number {
    return this.#written;
  }

  /** What Redis said lately of a single key that it would not take (one of another type); null where it took all. */
  get refusal(): string | null {
    return this.#clock.now() - this.#refusedAt <= this.#ttlMs ? this.#refusal : null;
  }

  /** A new connection: nothing is known of what stands there, and all of it is written. */
  begin(): void {
    const now = this.#clock.now();
    for (const pair of this.#pairs) {
      pair.unknown();
      if (pair.latest !== undefined) this.#pending.again(pair, now);
    }
    this.#streamedSlot = -Infinity;
    this.#refusedAt = -Infinity;
  }

  /**
   * Writes a batch of what waits. Throws `Unusable` where the connection is of no use any more; what was under way waits
   * again then. `last`: the half second that is not over yet counts as well.
   */
  async write(client: RedisClient, last = false): Promise<void> {
    await this.#writeLatest(client);
    await this.#writeRecent(client, last);
    await this.#keepAlive(client);
  }

  async #writeLatest(client: RedisClient): Promise<void> {
    if (this.#pending.queued === 0) return;
    const now = this.#clock.now();
    const pairs = this.#pending.take(BATCH);
    const commands: Command[] = [];
    const writes = pairs.map((pair) => this.#commandsFor(pair, commands, now));
    let arrived = false;
    try {
      const replies = await this.#run(client, commands);
      arrived = true;
      for (const { pair, place, added } of writes) {
        if (place === undefined) continue;
        this.#written++;
        // The key was gone (flushed, evicted) and stands there again without a time to live: it gets one at once.
        if (Number(replies[place]) > added) pair.keptAt = this.#keptAt = -Infinity;
      }
    } finally {
      this.#pending.done(arrived, this.#clock.now());
    }
  }

  /** Adds the commands for a pair. Returns the place of its HSET, if it has a quote, and how many fields that adds. */
  #commandsFor(pair: RedisPair, commands: Command[], now: number) {
    const { key, latest: quote, fields: before } = pair;
    if (quote === undefined) {
      commands.push({ key, args: ["DEL", key] });
      pair.fields = 0;
      pair.keptAt = -Infinity;
      return { pair, place: undefined, added: 0 };
    }
    const fields = pair.fields = fieldsOf(quote);
    const vanished = (before === UNKNOWN ? ALL_FIELDS : before) & ~fields;
    if (vanished !== 0) commands.push({ key, args: ["HDEL", key, ...fieldNames(vanished)] });
    const place = commands.push({ key, args: hset(key, quote) }) - 1;
    if (now - pair.keptAt > this.#ttlMs / 3) {
      commands.push({ key, args: ["PEXPIRE", key, String(this.#ttlMs)] });
      pair.keptAt = now;
      return { pair, place, added: Infinity };
    }
    return { pair, place, added: before === fields ? 0 : fieldNames(fields & ~before).length };
  }

  /** Sets the time to live of what did not change for a while. */
  async #keepAlive(client: RedisClient): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#keptAt < Math.min(1000, this.#ttlMs / 12)) return;
    const due: RedisPair[] = [];
    for (const pair of this.#pairs) {
      if (pair.latest === undefined || pair.queued || now - pair.keptAt <= this.#ttlMs / 3) continue;
      due.push(pair);
      if (due.length === BATCH) break;
    }
    if (due.length < BATCH) this.#keptAt = now;
    const replies = await this.#run(
      client,
      due.map(({ key }) => ({ key, args: ["PEXPIRE", key, String(this.#ttlMs)] })),
    );
    due.forEach((pair, n) => {
      pair.keptAt = now;
      if (replies[n] !== 0) return;
      pair.unknown();
      this.#pending.again(pair, now);
    });
  }

  /** Half seconds that are over and not in their stream. */
  async #writeRecent(client: RedisClient, last: boolean): Promise<void> {
    const slot = slotOf(this.#clock.now());
    if (slot === this.#streamedSlot && !last) return;
    const until = last ? Infinity : slot * SLOT_MS;
    const waiting: RedisPair[] = [];
    for (const pair of this.#pairs) {
      if (pair.streamIsWrong || pair.recent.lastTime > (pair.streamedTo ?? -Infinity)) waiting.push(pair);
    }
    await this.#locate(
      client,
      waiting.filter((pair) => pair.streamedTo === undefined).slice(0, STREAM_BATCH),
    );
    const commands: Command[] = [];
    const ends: { pair: RedisPair; to: number }[] = [];
    let all = true;
    for (const pair of waiting) {
      if (pair.streamedTo === undefined || commands.length >= STREAM_BATCH) all = false;
      else ends.push({ pair, to: this.#append(pair, commands, until, STREAM_BATCH - commands.length) });
    }
    await this.#run(client, commands);
    for (const { pair, to } of ends) pair.streamedTo = to;
    // Most pairs change in every half second, so one look at each of them a half second is enough.
    if (all && commands.length < STREAM_BATCH) this.#streamedSlot = slot;
  }

  /** Adds the commands for a pair's next entries. Returns up to where the stream goes after them. */
  #append(pair: RedisPair, commands: Command[], until: number, most: number): number {
    const { exchange, symbol, recentKey: key } = pair;
    const now = this.#clock.now();
    if (pair.streamIsWrong) {
      commands.push({ key, args: ["DEL", key] });
      pair.streamIsWrong = false;
      pair.streamKeptAt = -Infinity;
      pair.streamedTo = -Infinity;
    }
    const from = Math.max(pair.streamedTo!, now - RECENT_MS);
    const quotes = pair.recent.between(exchange, symbol, from, until, most + 1)
      .filter(({ receivedTime }) => receivedTime > pair.streamedTo!);
    for (const quote of quotes) commands.push({ key, args: xadd(key, quote, RECENT_QUOTES) });
    if (quotes.length > 0 && now - pair.streamKeptAt > STREAM_KEEP_MS) {
      commands.push({ key, args: ["PEXPIRE", key, String(STREAM_TTL_MS)] });
      pair.streamKeptAt = now;
    }
    return quotes.at(-1)?.receivedTime ?? pair.streamedTo!;
  }

  /** Asks how far streams go that are new to this connection. */
  async #locate(client: RedisClient, pairs: readonly RedisPair[]): Promise<void> {
    const replies = await this.#run(
      client,
      pairs.map(({ recentKey: key }) => ({ key, args: ["XREVRANGE", key, "+", "-", "COUNT", "1"] })),
    );
    pairs.forEach((pair, n) => {
      const reply = replies[n];
      const [last] = reply instanceof Error ? [] : quotesOf(reply, pair.exchange, pair.symbol);
      pair.streamedTo = last?.receivedTime ?? -Infinity;
      if (pair.streamedTo > pair.recent.lastTime + CLOCKS_DIFFER_MS) pair.streamIsWrong = true;
    });
  }

  async #run(client: RedisClient, commands: readonly Command[]): Promise<(Reply | Error)[]> {
    if (commands.length === 0) return [];
    const slices: Promise<(Reply | Error)[]>[] = [];
    for (let n = 0; n < commands.length; n += SLICE) {
      if (n > 0) await this.#clock.turn();
      slices.push(client.run(commands.slice(n, n + SLICE)));
    }
    // From the last on: a busy core may need long until it has sent all.
    const answers = await within(Promise.all(slices), BATCH_WITHIN_MS, this.#clock);
    if (answers === LATE) throw new Unusable(`No answer to a batch within ${BATCH_WITHIN_MS / 1000} s`);
    const replies = answers.flat();
    for (let n = 0; n < replies.length; n++) {
      const reply = replies[n];
      if (reply instanceof Error) this.#judge(reply, commands[n]!);
    }
    return replies;
  }

  #judge(error: Error, { key, args }: Command): void {
    // The entry is there already: it was written before the connection broke.
    if (args[0] === "XADD" && error.message.includes("equal or smaller")) return;
    if (!isRefusal(error)) throw new Unusable(error.message);
    if (!error.message.startsWith("WRONGTYPE")) {
      throw new Unusable(`Redis refuses to write: ${error.message}`);
    }
    this.#refusedAt = this.#clock.now();
    this.#refusal = `Redis refuses the key ${key}: ${error.message}`;
  }
}
