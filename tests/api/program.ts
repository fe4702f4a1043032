/**
 * The program for tests of its API: the real core, streams, routes and server. Only the workers are the test's own:
 * they write what the test says into the real channels.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../adapters/clock/system.ts";
import { serveHttp } from "../../adapters/http/serve.ts";
import { sse } from "../../adapters/http/sse.ts";
import { EventLoopMeter } from "../../adapters/metrics/event_loop.ts";
import { openMetrics } from "../../adapters/metrics/metrics.ts";
import { json } from "../../adapters/protocols/json.ts";
import { protobuf } from "../../adapters/protocols/protobuf.ts";
import { ChannelWriter } from "../../core/app/channel.ts";
import { MarketFlow, type VenuePlan } from "../../core/app/marketflow.ts";
import { QuoteHub } from "../../core/app/quote_stream.ts";
import { StreamHub, type StreamLimits } from "../../core/app/stream.ts";
import { FeedState, type Telemetry, telemetryOn } from "../../core/app/telemetry.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { Log } from "../../core/ports/log.ts";
import { SlotWriter } from "../../core/stats/slots.ts";
import type { WorkerHost, WorkerSpec } from "../../core/ports/workers.ts";
import { createApp } from "../../ui/app.ts";
import { manifest } from "../../ui/manifest.gen.ts";
import { Kept } from "../core/kept.ts";

/** Browsers and other programs are waited for, too; nothing is asserted about less. */
const WITHIN_MS = 120_000;
export const SYMBOLS = ["BTC-USDT", "ETH-USDT", "SOL-USDT"];
const LIMITS: StreamLimits = { maxClients: 10, maxBufferedBytes: 1 << 20, replayEvents: 1000, conflateMs: 1 };

const log: Log = { debug() {}, info() {}, warning() {}, error: console.error, with: () => log };

/** Polls, because what a test waits for comes by way of the core's own loop: at first eagerly, then at leisure. */
export async function until<Value>(what: string, look: () => Value | undefined | false): Promise<Value> {
  const end = Date.now() + WITHIN_MS;
  for (let looks = 1;; looks++) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    assert.ok(Date.now() < end, `Waited in vain until ${what}`);
    if (looks < 20) await systemClock.turn();
    else await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface TestFeed {
  spec: WorkerSpec;
  writer: ChannelWriter;
  slots: SlotWriter;
  telemetry: Telemetry;
  events: Parameters<WorkerHost["start"]>[1];
}

/** Runs workers in this thread: each is a writer into its channel, found by exchange. */
class TestWorkers implements WorkerHost {
  readonly #feeds = new Map<string, TestFeed>();

  start(spec: WorkerSpec, events: Parameters<WorkerHost["start"]>[1]) {
    const telemetry = telemetryOn(spec.telemetry);
    const feed = {
      spec,
      writer: new ChannelWriter(spec.channel),
      slots: new SlotWriter(spec.slots),
      telemetry,
      events,
    };
    telemetry.heartbeat = 1;
    telemetry.feedState = FeedState.connected;
    telemetry.instruments = spec.symbols.length;
    for (const { id } of spec.exchanges) this.#feeds.set(id, feed);
    queueMicrotask(() => events.ready());
    return { stop: () => queueMicrotask(() => events.ended(undefined)), terminate() {} };
  }

  /** The worker that quotes this exchange now. */
  feed(exchange: string): TestFeed {
    return this.#feeds.get(exchange)!;
  }

  write(exchange: string, symbol: string, bid: number, ask: number, sizes: number): void {
    const { spec, writer, slots } = this.feed(exchange);
    const cell = spec.exchanges.find(({ id }) => id === exchange)!.firstCell + spec.symbols.indexOf(symbol);
    const now = systemClock.now();
    if (Number.isNaN(bid)) slots.end(cell, now);
    else slots.tick(cell, (bid + ask) / 2, bid, ask, now);
    writer.write({
      cell,
      state: Number.isNaN(bid) && Number.isNaN(ask) ? QuoteState.withdrawn : QuoteState.fresh,
      bid,
      bidSize: sizes,
      ask,
      askSize: sizes,
      price: (bid + ask) / 2,
      exchangeTime: NaN,
      receivedTime: now,
      ticks: 1,
    });
  }
}

function plan(venue: string, feed: VenuePlan["feed"], exchanges = [venue]): VenuePlan {
  return { venue, feed, exchanges, takerFeeBps: 10 };
}

const LIVE = [
  plan("bybit", "socket"),
  plan("okx", "socket"),
  plan("ndjson", "ndjson", ["exchange1", "exchange2"]),
];
const TEST = [plan("bybit", "synthetic"), plan("okx", "synthetic"), plan("kraken", "synthetic")];

/** Starts a program in test mode without any quote. Give it back with `await using`. */
export function openProgram(
  { limits = {}, live = LIVE }: { limits?: Partial<StreamLimits>; live?: VenuePlan[] } = {},
) {
  const workers = new TestWorkers();
  const kept = new Kept();
  const screener = { minNetBps: 5, hysteresisBps: 2 };
  const market = new MarketFlow({
    version: "0.0.0-test",
    mode: "test",
    symbols: SYMBOLS,
    venues: { live, test: TEST },
    screener,
    supervisor: {
      channelCapacity: 64,
      silentAfterMs: 600_000,
      stopWithinMs: 10_000,
      backoffMs: 10,
      maxBackoffMs: 100,
    },
    history: { quotes: false, retention: { minutes: 86_400_000 } },
  }, {
    host: workers,
    clock: systemClock,
    log,
    ...kept,
    random: () => 0.5,
    unstoppable: (venue) => assert.fail(`Worker ${venue} could not be ended`),
    memory: () => ({ rssBytes: 1, heapUsedBytes: 1 }),
  });
  const streams = new StreamHub({
    market,
    clock: systemClock,
    limits: { ...LIMITS, ...limits },
  });
  const quoteStreams = new QuoteHub({ market, clock: systemClock, everyMs: 1, places: streams.places });
  const eventLoop = new EventLoopMeter();
  const metrics = openMetrics({ market, streams, eventLoop });
  const spoken = { sse, protocols: [protobuf, json] };
  const context = { market, streams, quoteStreams, ...spoken, metrics, version: market.version, screener };
  const app = createApp(context, manifest);
  market.start();
  // The core's sleep does not keep a process alive; in the program the server does.
  const alive = setInterval(() => {}, 60_000);

  /** Writes a quote and waits until the table has it. The net edge of two exchanges is about the gross less 20 bps. */
  async function quote(exchange: string, symbol: string, bid: number, ask: number, sizes = 1): Promise<void> {
    workers.write(exchange, symbol, bid, ask, sizes);
    await until(`${exchange} quotes ${symbol}`, () => {
      const seen = market.quote(exchange, symbol);
      return Number.isNaN(bid) ? seen === undefined : seen?.bid === bid && seen.ask === ask;
    });
  }

  return {
    market,
    kept,
    streams,
    app,
    quote,
    /** What its worker tells of itself; another one after each start. */
    telemetry: (exchange: string) => workers.feed(exchange).telemetry,
    /** Its worker throws. Resolves when the next one runs. */
    async crash(exchange: string) {
      const { spec, events } = workers.feed(exchange);
      events.ended("Crashed by the test");
      await until(`${exchange} is started again`, () => workers.feed(exchange).spec !== spec);
    },
    withdraw: (exchange: string, symbol: string) => quote(exchange, symbol, NaN, NaN),
    /** GET through the application, without a socket. */
    async get(path: string, init?: RequestInit) {
      const response = await app.request(path, init);
      // deno-lint-ignore no-explicit-any
      return { status: response.status, headers: response.headers, body: await response.json() as any };
    },
    async serve() {
      const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch: app.fetch, log });
      assert.ok(!("refused" in server));
      return {
        ...server,
        url: `http://${server.host}:${server.port}`,
        [Symbol.asyncDispose]: () => server.close(0),
      };
    },
    async [Symbol.asyncDispose]() {
      streams.close();
      quoteStreams.close();
      await market.stop();
      clearInterval(alive);
      eventLoop.stop();
    },
  };
}
