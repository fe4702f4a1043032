/** The real pages, hub and server over a market that a test has made up. */
import assert from "node:assert/strict";
import { systemClock } from "../../adapters/clock/system.ts";
import { serveHttp } from "../../adapters/http/serve.ts";
import { sse } from "../../adapters/http/sse.ts";
import type { Market, VenueStatus } from "../../core/app/market.ts";
import { StreamHub } from "../../core/app/stream.ts";
import type { Log } from "../../core/ports/log.ts";
import { createApp } from "../../ui/app.ts";
import { manifest } from "../../ui/manifest.gen.ts";

const LIMITS = { maxClients: 20, maxBufferedBytes: 1 << 20, replayEvents: 1000, conflateMs: 1 };
const log: Log = { debug() {}, info() {}, warning() {}, error: console.error, with: () => log };

/** A venue that is well and quotes all of its `instruments`. */
export function wellVenue(id: string, takerFeeBps: number, instruments: number): VenueStatus {
  return {
    id,
    exchanges: [id],
    quietExchanges: [],
    state: "connected",
    connected: true,
    takerFeeBps,
    instruments,
    quotes: instruments,
    freshQuotes: instruments,
    lastFrameAgeMs: 40,
    frames: 100,
    bytes: 10_000,
    malformed: 0,
    gaps: 0,
    conflated: 0,
    channelDepth: 0,
    reconnects: 0,
    restarts: 0,
    lastError: null,
  };
}

/** Without WebSockets and metrics. Whoever does not `serve` it disposes of it. */
export function openMade(market: Market) {
  const streams = new StreamHub({ market, clock: systemClock, limits: LIMITS });
  const app = createApp(
    {
      market,
      streams,
      quoteStreams: undefined as never,
      sse,
      protocols: [],
      metrics: undefined as never,
      version: "0.0.0-test",
      screener: { minNetBps: 5, hysteresisBps: 2 },
    },
    manifest,
  );
  return {
    app,
    async serve() {
      const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch: app.fetch, log });
      assert.ok(!("refused" in server));
      return {
        url: `http://${server.host}:${server.port}`,
        port: server.port,
        async [Symbol.asyncDispose]() {
          streams.close();
          await server.close(0);
        },
      };
    },
    [Symbol.dispose]: () => streams.close(),
  };
}
