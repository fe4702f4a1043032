/**
 * Raw ticks in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html), several times as fast as
 * text: what is the same for all rows of a pair is encoded once, the numbers are written as they are.
 */
import { Row } from "../../core/app/channel.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { offsetsOf, pairOf, QUOTE_COLUMNS, STATE_NAMES } from "../history/quotes.ts";

/** Bytes of a chunk: large enough that a write costs little beside it. */
const CHUNK_BYTES = 1 << 18;
/** `PGCOPY\n\xff\r\n\0`, no flags, no extension; in the end a row of -1 columns. */
const HEADER = new Uint8Array([80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const TRAILER = new Uint8Array([255, 255]);
/** Two times, five prices and sizes, and the count, with their lengths. */
const NUMBERS_BYTES = 2 * 12 + 5 * 12 + 8;
/** PostgreSQL counts microseconds since 2000-01-01. */
const EPOCH_US = Date.UTC(2000, 0, 1) * 1000;
const TWO_32 = 2 ** 32;

/** Names of pairs that are kept encoded; far more than there are, unless they change all the time. */
const KEPT = 100_000;

const NUMBERS = [Row.bid, Row.bidSize, Row.ask, Row.askSize, Row.price];

/** For one COPY at a time; the next one finds its buffer and the names encoded. */
export class CopyRows {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  readonly #encoder = new TextEncoder();
  readonly #states = STATE_NAMES.map((name) => this.#field(name));
  /** By mode, exchange and symbol: count of columns, and these three. */
  readonly #names = new Map<string, Uint8Array>();

  /** A chunk is overwritten by the next one. */
  *chunks(quotes: QuoteRows): Generator<Uint8Array> {
    /** By cell. */
    const prefixes = new Map<number, Uint8Array>();
    const { rows } = quotes;
    // What a COPY that failed may have left.
    this.#at = 0;
    this.#put(HEADER);
    for (const at of offsetsOf(quotes)) {
      const cell = rows[at + Row.cell]!;
      let prefix = prefixes.get(cell);
      if (prefix === undefined) prefixes.set(cell, prefix = this.#prefix(quotes, cell));
      const state = this.#states[rows[at + Row.state]!]!;
      const needed = prefix.length + state.length + NUMBERS_BYTES;
      if (this.#at + needed > this.#bytes.length) {
        if (this.#at > 0) yield this.#take();
        if (needed > this.#bytes.length) this.#grow(needed);
      }
      this.#put(prefix);
      this.#time(rows[at + Row.receivedTime]!);
      this.#time(rows[at + Row.exchangeTime]!);
      this.#put(state);
      for (const word of NUMBERS) this.#number(rows[at + word]!);
      this.#view.setInt32(this.#at, 4);
      this.#view.setInt32(this.#at + 4, rows[at + Row.ticks]!);
      this.#at += 8;
    }
    if (this.#at + TRAILER.length > this.#bytes.length) yield this.#take();
    this.#put(TRAILER);
    yield this.#take();
  }

  #put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #take(): Uint8Array {
    const chunk = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return chunk;
  }

  /** For names of absurd length. */
  #grow(bytes: number): void {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #time(ms: number): void {
    if (Number.isNaN(ms)) return this.#null();
    const us = Math.round(ms * 1000) - EPOCH_US;
    const high = Math.floor(us / TWO_32);
    this.#view.setInt32(this.#at, 8);
    this.#view.setInt32(this.#at + 4, high);
    this.#view.setUint32(this.#at + 8, us - high * TWO_32);
    this.#at += 12;
  }

  #number(value: number): void {
    if (Number.isNaN(value)) return this.#null();
    this.#view.setInt32(this.#at, 8);
    this.#view.setFloat64(this.#at + 4, value);
    this.#at += 12;
  }

  #null(): void {
    this.#view.setInt32(this.#at, -1);
    this.#at += 4;
  }

  #prefix(quotes: QuoteRows, cell: number): Uint8Array {
    const names = [quotes.mode, ...pairOf(quotes, cell)];
    const key = names.join("\0");
    let prefix = this.#names.get(key);
    if (prefix === undefined) {
      if (this.#names.size >= KEPT) this.#names.clear();
      prefix = joined([new Uint8Array([0, QUOTE_COLUMNS.length]), ...names.map((name) => this.#field(name))]);
      this.#names.set(key, prefix);
    }
    return prefix;
  }

  /** A text with its length. */
  #field(text: string): Uint8Array {
    const bytes = this.#encoder.encode(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, bytes.length);
    return joined([length, bytes]);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
