/** Caches and quotes for the tests of this folder. */
import { systemClock } from "../../adapters/clock/system.ts";
import { openCache } from "../../adapters/cache/open.ts";
import type { Quote } from "../../core/domain/quote.ts";
import type { CacheStatus, PriceCache } from "../../core/ports/cache.ts";
import { recordedLog } from "../core/recorded_log.ts";
import { type LogRecord } from "../core/recorded_log.ts";
import { seed } from "../core/seed.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";

export const clock = systemClock;

export interface OpenCache extends PriceCache, AsyncDisposable {
  readonly log: LogRecord[];
}

/** A cache that is closed when it goes out of scope. */
export function open(url: string, options: { ttlMs?: number } = {}): OpenCache {
  const log: LogRecord[] = [];
  const ports = { clock, log: recordedLog(log), random: seeded(seed) };
  const cache = openCache({ url, ttlMs: options.ttlMs ?? 60_000 }, ports);
  return Object.assign(cache, { log, [Symbol.asyncDispose]: () => cache.close() });
}

/** A quote with all fields; what is given replaces them. */
export function quote(fields: Partial<Quote> = {}): Quote {
  const bid = fields.bid ?? 64_000.1;
  return {
    exchange: "kraken",
    symbol: "BTC-USDT",
    bid,
    bidSize: 1.5,
    ask: 64_000.2,
    askSize: 0.00012345,
    price: 64_000.15,
    exchangeTime: 1_763_745_547_123.25,
    receivedTime: clock.now(),
    fresh: true,
    ...fields,
  };
}

/** `count` pairs of exchange `e`, each with one quote. */
export function quotes(count: number, fields: Partial<Quote> = {}): Quote[] {
  return Array.from({ length: count }, (_, n) => quote({ exchange: "e", symbol: `S${n}-USDT`, ...fields }));
}

/** The status once it fits. */
export function untilStatus(
  cache: PriceCache,
  what: string,
  fits: (status: CacheStatus) => boolean,
): Promise<CacheStatus> {
  return until(what, () => cache.status(), fits);
}

/** Waits until all is written, to a Redis that takes it. */
export function written(cache: PriceCache): Promise<CacheStatus> {
  return untilStatus(cache, "all is written", ({ state, pending }) => state === "ok" && pending === 0);
}

/** A time a while ago, at the begin of a half second. */
export function ago(ms: number): number {
  return Math.floor((clock.now() - ms) / 500) * 500;
}
