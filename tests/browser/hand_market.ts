/** A market that is moved by hand, behind the real server, hub and page: a test says what opens and what closes. */
import assert from "node:assert/strict";
import { systemClock } from "../../adapters/clock/system.ts";
import { serveHttp } from "../../adapters/http/serve.ts";
import { sse } from "../../adapters/http/sse.ts";
import type { VenueStatus } from "../../core/app/market.ts";
import { StreamHub } from "../../core/app/stream.ts";
import type { Log } from "../../core/ports/log.ts";
import { createApp } from "../../ui/app.ts";
import { manifest } from "../../ui/manifest.gen.ts";
import { ScriptedMarket } from "../core/scripted_market.ts";

const EXCHANGES = ["bybit", "okx"];
const log: Log = { debug() {}, info() {}, warning() {}, error: console.error, with: () => log };

export interface HandMarket extends AsyncDisposable {
  market: ScriptedMarket;
  url: string;
  port: number;
}

function venueOf(id: string): VenueStatus {
  return {
    id,
    exchanges: [id],
    quietExchanges: [],
    state: "connected",
    connected: true,
    takerFeeBps: 10,
    instruments: 2,
    quotes: 2,
    freshQuotes: 2,
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

export async function openHandMarket(): Promise<HandMarket> {
  const scripted = new ScriptedMarket();
  const market =
    Object.assign(scripted, { exchanges: EXCHANGES, venues: () => EXCHANGES.map(venueOf) }).asMarket;
  const limits = { maxClients: 20, maxBufferedBytes: 1 << 20, replayEvents: 1000, conflateMs: 1 };
  const streams = new StreamHub({ market, clock: systemClock, limits });
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
  const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch: app.fetch, log });
  assert.ok(!("refused" in server));
  return {
    market: scripted,
    url: `http://${server.host}:${server.port}`,
    port: server.port,
    async [Symbol.asyncDispose]() {
      streams.close();
      await server.close(0);
    },
  };
}
