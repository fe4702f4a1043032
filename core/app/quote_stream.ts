/**
 * The hub of quote streams. Quotes change more often than anybody can read, so it looks a few times a second at what has
 * changed and remembers for each quote at which look it did. That is all there is to keep: a reader has a place in the
 * count of looks, and what it is told next is the latest of every quote that changed after that place. A slow reader is
 * conflated by that alone, one that comes back gets what it missed, and neither has a queue.
 */
import type { Mode } from "../domain/mode.ts";
import type { Quote } from "../domain/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { Market, QuoteChange } from "./market.ts";
import { type Group, Groups, KEEP_ALIVE_MS } from "./stream/groups.ts";
import { firstIdAt } from "./stream/log.ts";
import type { StreamEnd, StreamPlaces } from "./stream/places.ts";
import { QuoteReader } from "./stream/quote_reader.ts";

export interface QuoteFilter {
  /** Canonical symbol. */
  symbol?: string;
  exchange?: string;
}

/** How quotes look on the wire. Readers with the same encoder share what it made. */
export interface QuoteEncoder {
  snapshot(sequence: number, body: { mode: Mode; quotes: Quote[]; now: number }): Uint8Array;
  update(sequence: number, changes: readonly QuoteChange[], now: number): Uint8Array;
  keepAlive(sequence: number, now: number): Uint8Array;
}

export interface QuoteConnectOptions {
  encoder: QuoteEncoder;
  /** The last that the reader has seen. */
  lastSequence?: number | undefined;
  /** Called once, for any end; after `slow` the transport must close the connection. */
  ended?: (end: StreamEnd) => void;
}

/** What is known of a quote: how it is, and the look that found its last change. */
interface Known extends QuoteChange {
  at: number;
}

interface Made {
  /** By the place that a reader has, what brings it to the present look; null where that is nothing. */
  updates: Map<number, Uint8Array | null>;
  snapshot?: Uint8Array | undefined;
}
type QuoteGroup = Group<QuoteFilter, QuoteEncoder, QuoteReader, Made>;

export class QuoteHub {
  readonly #market: Market;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #places: StreamPlaces;
  readonly #known = new Map<string, Known>();
  /** What the last look found. */
  #latest: Known[] = [];
  readonly #groups = new Groups<QuoteFilter, QuoteEncoder, QuoteReader, Made>(
    keyOf,
    () => ({ updates: new Map() }),
  );
  #mode: Mode;
  /** Looks, counted from where ids begin. */
  #sequence: number;
  /** Readers that saw this look or a later one can be told what they missed. */
  #floor: number;
  #cancelLook: (() => void) | undefined;
  #cancelKeepAlive: () => void;
  #closed = false;

  /** Looks every `everyMs` as long as anybody reads. */
  constructor(options: { market: Market; clock: Clock; everyMs: number; places: StreamPlaces }) {
    this.#market = options.market;
    this.#clock = options.clock;
    this.#everyMs = options.everyMs;
    this.#places = options.places;
    this.#mode = this.#market.mode;
    this.#sequence = this.#floor = firstIdAt(this.#clock.now());
    this.#cancelKeepAlive = this.#keepAliveLater();
  }

  /** Adds a reader. It first gets what it missed since `lastSequence`, or a snapshot where that is not known. */
  connect(filter: QuoteFilter, options: QuoteConnectOptions): QuoteReader | { refused: "full" | "closed" } {
    if (this.#closed) return { refused: "closed" };
    if (!this.#places.take()) return { refused: "full" };
    this.look();
    const group = this.#groups.of(filter, options.encoder);
    const { lastSequence: last } = options;
    const known = Number.isSafeInteger(last) && last! >= this.#floor && last! <= this.#sequence;
    const reader = new QuoteReader(
      known ? last : undefined,
      (reader) => this.#bringUp(reader, group),
      (end) => {
        this.#places.leave(end);
        this.#groups.leave(group, reader);
        if (this.#groups.empty) this.#rest();
        options.ended?.(end);
      },
    );
    group.readers.add(reader);
    this.#cancelLook ??= this.#clock.after(this.#everyMs, () => this.#lookAgain());
    return reader;
  }

  /** Finds out what has changed, and tells it to whoever waits. Cheap where nothing has. */
  look(): void {
    if (this.#market.mode !== this.#mode) this.#restart();
    const changes = this.#market.quoteChanges();
    if (changes.length === 0) return;
    this.#sequence++;
    this.#latest = [];
    for (const change of changes) {
      const key = `${change.exchange} ${change.symbol}`;
      // What was never there need not be taken back; what was has to be remembered as gone.
      if (!change.quote && !this.#known.has(key)) continue;
      const known = { ...change, at: this.#sequence };
      this.#known.set(key, known);
      this.#latest.push(known);
    }
    this.#tell();
  }

  /** Ends every stream after what it was told, and takes no more readers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest();
    this.#cancelKeepAlive();
    for (const reader of [...this.#groups.readers()]) reader.close();
  }

  #lookAgain(): void {
    this.#cancelLook = this.#clock.after(this.#everyMs, () => this.#lookAgain());
    this.look();
  }

  #rest(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /** Another mode, another market: every reader starts from a snapshot. */
  #restart(): void {
    this.#mode = this.#market.mode;
    this.#known.clear();
    this.#floor = ++this.#sequence;
    // A row of the mode before may still have marked a cell.
    this.#market.quoteChanges();
    for (const symbol of this.#market.symbols) {
      for (const quote of this.#market.quotes(symbol)) {
        const { exchange } = quote;
        this.#known.set(`${exchange} ${symbol}`, { exchange, symbol, quote, at: this.#sequence });
      }
    }
    this.#tell();
  }

  #tell(): void {
    for (const { made, readers } of this.#groups) {
      made.updates.clear();
      made.snapshot = undefined;
      for (const reader of readers) reader.wake();
    }
  }

  /** What brings a reader from its place to the present look; undefined where nothing of its filter has changed. */
  #bringUp(reader: QuoteReader, group: QuoteGroup): Uint8Array | undefined {
    const from = reader.place;
    reader.place = this.#sequence;
    if (from === undefined || from < this.#floor) return this.#snapshot(group);
    if (from === this.#sequence) return undefined;
    let update = group.made.updates.get(from);
    if (update === undefined) {
      // Most readers saw the look before this one.
      const among = from === this.#sequence - 1 ? this.#latest : this.#known.values();
      const changes = fitting(among, group.filter).filter(({ at }) => at > from);
      update = changes.length === 0 ? null : group.encoder.update(this.#sequence, changes, this.#clock.now());
      group.made.updates.set(from, update);
    }
    return update ?? undefined;
  }

  #snapshot(group: QuoteGroup): Uint8Array {
    return group.made.snapshot ??= group.encoder.snapshot(this.#sequence, {
      mode: this.#mode,
      quotes: fitting(this.#known.values(), group.filter).flatMap(({ quote }) => quote ?? []),
      now: this.#clock.now(),
    });
  }

  #keepAliveLater(): () => void {
    return this.#clock.after(KEEP_ALIVE_MS, () => {
      this.#groups.keepAlive((encoder) => encoder.keepAlive(this.#sequence, this.#clock.now()));
      this.#cancelKeepAlive = this.#keepAliveLater();
    });
  }
}

function fitting(quotes: Iterable<Known>, { symbol, exchange }: QuoteFilter): Known[] {
  return [...quotes].filter((one) =>
    (symbol === undefined || symbol === one.symbol) && (exchange === undefined || exchange === one.exchange)
  );
}

function keyOf({ symbol, exchange }: QuoteFilter): string {
  return JSON.stringify([symbol ?? null, exchange ?? null]);
}
