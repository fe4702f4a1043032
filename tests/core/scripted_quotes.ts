/** Readers of quotes for tests: what they are told as JSON text, and the table that follows from it. */
import assert from "node:assert/strict";
import { type QuoteEncoder, type QuoteFilter, QuoteHub } from "../../core/app/quote_stream.ts";
import { StreamPlaces } from "../../core/app/stream/places.ts";
import { QuoteReader } from "../../core/app/stream/quote_reader.ts";
import { ManualClock } from "./manual_clock.ts";
import { ScriptedMarket } from "./scripted_market.ts";

export const EVERY_MS = 100;

/** `quotes`: bid by exchange and symbol, null where there is none any more. */
export interface Told {
  kind: "snapshot" | "update" | "alive";
  sequence: number;
  mode?: string;
  quotes?: Record<string, number | null>;
}

/** Counts how often anything was encoded. */
export class CountingEncoder implements QuoteEncoder {
  encoded = 0;

  #encode(told: Told): Uint8Array {
    this.encoded++;
    return new TextEncoder().encode(JSON.stringify(told));
  }

  snapshot: QuoteEncoder["snapshot"] = (sequence, { mode, quotes }) =>
    this.#encode({
      kind: "snapshot",
      sequence,
      mode,
      quotes: Object.fromEntries(quotes.map(({ exchange, symbol, bid }) => [`${exchange} ${symbol}`, bid])),
    });
  update: QuoteEncoder["update"] = (sequence, changes) =>
    this.#encode({
      kind: "update",
      sequence,
      quotes: Object.fromEntries(
        changes.map(({ exchange, symbol, quote }) => [`${exchange} ${symbol}`, quote?.bid ?? null]),
      ),
    });
  keepAlive: QuoteEncoder["keepAlive"] = (sequence) => this.#encode({ kind: "alive", sequence });
}

/** A reader with what it was told, and what the quotes are by that. */
export class Following {
  readonly told: Told[] = [];
  readonly table = new Map<string, number>();
  mode: string | undefined;
  readonly reader: QuoteReader;

  constructor(reader: QuoteReader) {
    this.reader = reader;
  }

  get last(): Told | undefined {
    return this.told.at(-1);
  }

  /** Takes what it is told next; waits where that is nothing. False at the end. */
  async take(): Promise<boolean> {
    const messages = await this.reader.next();
    for (const bytes of messages ?? []) {
      const told = JSON.parse(new TextDecoder().decode(bytes)) as Told;
      this.told.push(told);
      if (told.kind === "snapshot") {
        this.table.clear();
        this.mode = told.mode;
      }
      for (const [key, bid] of Object.entries(told.quotes ?? {})) {
        if (bid === null) this.table.delete(key);
        else this.table.set(key, bid);
      }
    }
    return messages !== undefined;
  }

  /** Takes everything until the end, as it comes. */
  async follow(): Promise<void> {
    while (await this.take());
  }
}

export function openQuotes({ maxClients = 10 } = {}) {
  const market = new ScriptedMarket();
  const clock = new ManualClock();
  const places = new StreamPlaces(maxClients);
  const encoder = new CountingEncoder();
  const hub = new QuoteHub({ market: market.asMarket, clock, everyMs: EVERY_MS, places });
  const connect = (filter: QuoteFilter = {}, lastSequence?: number) => {
    const reader = hub.connect(filter, { encoder, lastSequence });
    assert.ok(reader instanceof QuoteReader, "The hub refused a reader");
    return new Following(reader);
  };
  /** A reader that takes whatever comes. */
  const follow = (filter?: QuoteFilter, lastSequence?: number) => {
    const following = connect(filter, lastSequence);
    void following.follow();
    return following;
  };
  return { market, clock, places, encoder, hub, connect, follow };
}
