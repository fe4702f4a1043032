/** The value of every setting where nobody sets another. `config.yaml` lists the same, with comments. */
import { chains, pools } from "./pool_defaults.ts";
import type { Settings } from "./schema.ts";

export const defaults: Settings = {
  mode: "test",
  server: {
    host: "127.0.0.1",
    port: 8080,
    hosts: [],
    adminToken: "",
    readToken: "",
    trustedProxies: [],
    corsOrigins: [],
    limits: { requestsPerSecond: 50, burst: 200, openPerAddress: 100, connections: 4000 },
    stream: {
      maxClients: 1000,
      maxBufferedBytes: 1_048_576,
      replayEvents: 8192,
      conflateMs: 10,
      quotesEveryMs: 100,
    },
  },
  logLevel: "info",
  dataDir: "data",
  symbols: [
    "BTC-USDT",
    "ETH-USDT",
    "SOL-USDT",
    "XRP-USDT",
    "DOGE-USDT",
    "TON-USDT",
    "ADA-USDT",
    "LTC-USDT",
    "LINK-USDT",
    "AVAX-USDT",
  ],
  venues: {
    bybit: {
      enabled: true,
      wsUrl: "wss://stream.bybit.com/v5/public/spot",
      restUrl: "https://api.bybit.com",
      takerFeeBps: 10,
    },
    okx: {
      enabled: true,
      wsUrl: "wss://ws.okx.com:8443/ws/v5/public",
      restUrl: "https://www.okx.com",
      takerFeeBps: 10,
    },
    gateio: {
      enabled: true,
      wsUrl: "wss://api.gateio.ws/ws/v4/",
      restUrl: "https://api.gateio.ws",
      takerFeeBps: 10,
    },
    kraken: {
      enabled: true,
      wsUrl: "wss://ws.kraken.com/v2",
      restUrl: "https://api.kraken.com",
      takerFeeBps: 40,
    },
    ndjson: {
      enabled: false,
      takerFeeBps: 10,
      sources: {
        exchange1: "127.0.0.1:40101",
        exchange2: "127.0.0.1:40102",
        exchange3: "127.0.0.1:40103",
      },
    },
    ...pools,
  },
  chains,
  cache: { url: "memory:", ttlSeconds: 60 },
  history: {
    url: "sqlite:history.sqlite",
    quotes: false,
    retention: { minutes: "90d", quotes: "3d", episodes: "365d" },
    outbox: { maxRecords: 1_000_000 },
  },
  screener: { minNetBps: 5, hysteresisBps: 2 },
  test: { seed: 1, stepsPerSecond: 20 },
  channel: { capacity: 8192 },
  supervisor: { silentAfterMs: 5_000, stopWithinMs: 5_000, backoffMs: 500, maxBackoffMs: 30_000 },
};
