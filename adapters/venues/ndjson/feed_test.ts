import assert from "node:assert/strict";
import { FeedState } from "../../../core/app/telemetry.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import { freePort } from "../../../tests/ports.ts";
import { run, type Running, specOf, until } from "../_base/testing.ts";
import type { FeedTuning } from "../_base/tuning.ts";

const { withdrawn, fresh, stale } = QuoteState;
const SYMBOLS = ["BTC-USDT", "ETH-USDT"];

/** A TCP source on loopback. */
class TinySource {
  readonly connections: Deno.TcpConn[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #accepting: Promise<void>;

  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#accepting = this.#accept();
  }

  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  async send(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    const connection = this.connections.at(-1)!;
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  }

  cut(): void {
    this.connections.at(-1)!.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.connections) {
      try {
        connection.close();
      } catch { /* cut before */ }
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.connections.push(connection);
  }
}

function feedOn(sources: Record<string, string>, tuning: Partial<FeedTuning> = {}): Running {
  const exchanges = Object.keys(sources).map((id, at) => ({ id, firstCell: at * SYMBOLS.length }));
  return run(specOf(SYMBOLS, { venue: "ndjson", feed: "ndjson", exchanges, sources }), tuning);
}

function line(symbol: string, price: unknown, more: object = {}): string {
  return JSON.stringify({ symbol, price, timestamp: 1_790_000_000_000, ...more }) + "\n";
}

Deno.test("ndjson shows the price of each source and spelling, without a book to trade on", async () => {
  await using one = new TinySource();
  await using two = new TinySource();
  using feed = feedOn({ exchange1: one.address, exchange2: two.address });
  await until(() => one.connections.length === 1 && two.connections.length === 1, "connected");
  await one.send(line("BTCUSDT", 67000.5) + line("eth_usdt", "3500.25"));
  await two.send(line("BTC/USDT", "67001"));
  await until(() => feed.rows.are([fresh, fresh, fresh, withdrawn]), "three prices");
  const { price, bid, bidSize, ask, askSize, exchangeTime } = feed.rows.at(0);
  assert.deepEqual([price, exchangeTime], [67000.5, 1_790_000_000_000]);
  assert.deepEqual([bid, bidSize, ask, askSize], [NaN, NaN, NaN, NaN]);
  assert.equal(feed.rows.at(1).price, 3500.25);
  assert.equal(feed.rows.at(2).price, 67001);
  assert.equal(feed.telemetry.frames, 3);
  await until(() => feed.telemetry.feedState === FeedState.connected, "connected in telemetry");
});

Deno.test("ndjson takes a whole quote where a line states one", async () => {
  await using source = new TinySource();
  using feed = feedOn({ exchange1: source.address });
  await until(() => source.connections.length === 1, "connected");
  await source.send(line("BTCUSDT", 5, { bid: 4, bidSize: 1, ask: 6, askSize: 2 }));
  await until(() => feed.rows.at(0).bid === 4, "a quote");
  await source.send(line("BTCUSDT", 5, { bid: 6, bidSize: 1, ask: 4, askSize: 2 }));
  await until(() => feed.rows.at(0).state === withdrawn, "a crossed one withdrawn");
  assert.equal(feed.telemetry.malformed, 1);
});

Deno.test("ndjson counts what it cannot understand, ignores what is not watched, and goes on", async () => {
  await using source = new TinySource();
  using feed = feedOn({ exchange1: source.address });
  await until(() => source.connections.length === 1, "connected");
  await source.send("garbage\n" + line("BTCUSDT", -1) + line("ETHUSDT", 0) + line("DOGEUSDT", 1));
  await source.send("x".repeat(200_000) + "\n" + line("BTCUSDT", 7));
  await until(() => feed.rows.at(0).price === 7, "the line after");
  assert.equal(feed.telemetry.malformed, 4);
  assert.equal(feed.rows.at(1).state, withdrawn);
  const unknown = feed.logs.filter(({ message }) => message === "Lines with symbols that are not watched");
  assert.deepEqual(unknown.map(({ fields }) => fields.excerpt), ["DOGEUSDT"]);
});

Deno.test("ndjson source that falls silent is stale, is fresh again with its next line, and is connected anew in the end", async () => {
  await using source = new TinySource();
  using feed = feedOn({ exchange1: source.address }, { lineSilenceMs: 1_000, lineReconnectMs: 4_000 });
  await until(() => source.connections.length === 1, "connected");
  await source.send(line("BTCUSDT", 1));
  await until(() => feed.rows.at(0).state === fresh, "fresh");
  await until(() => feed.rows.at(0).state === stale, "stale");
  await until(() => feed.telemetry.feedState === FeedState.silent, "silent in telemetry");
  await source.send(line("BTCUSDT", 1));
  await until(() => feed.rows.at(0).state === fresh, "fresh with the same price");
  assert.equal(source.connections.length, 1);
  await until(() => source.connections.length >= 2, "connected anew");
});

Deno.test("ndjson source that is cut or not there is stale and tried again; the others do not notice", async () => {
  await using steady = new TinySource();
  // On a port that is not given to connections: the feed tries to reach it while nobody listens there.
  const first = new TinySource(freePort());
  const { address } = first;
  using feed = feedOn({ exchange1: address, exchange2: steady.address });
  await until(() => first.connections.length === 1 && steady.connections.length === 1, "connected");
  await first.send(line("BTCUSDT", 1));
  await steady.send(line("BTCUSDT", 2));
  await until(() => feed.rows.at(0).state === fresh && feed.rows.at(2).state === fresh, "fresh");
  await first[Symbol.asyncDispose]();
  await until(() => feed.rows.at(0).state === stale && feed.telemetry.reconnects >= 3, "stale and trying");
  assert.equal(feed.rows.at(2).state, fresh);
  await until(() => feed.telemetry.feedState === FeedState.connected, "connected in telemetry");
  await using second = new TinySource(Number(address.split(":")[1]));
  await until(() => second.connections.length === 1, "connected anew");
  await second.send(line("BTCUSDT", 1));
  await until(() => feed.rows.at(0).state === fresh, "fresh again");
  assert.equal(steady.connections.length, 1);
});

Deno.test("ndjson started and stopped a hundred times leaves no connection or timer", async () => {
  await using source = new TinySource();
  for (let cycle = 0; cycle < 100; cycle++) {
    const { length } = source.connections;
    using _feed = feedOn({ exchange1: source.address });
    if (cycle % 2 === 0) await until(() => source.connections.length > length, "connected");
  }
});
