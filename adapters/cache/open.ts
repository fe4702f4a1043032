/** The price cache that a URL asks for. */
import type { PriceCache } from "../../core/ports/cache.ts";
import { MemoryCache } from "../memory/cache.ts";
import { RedisCache } from "../redis/cache.ts";
import type { ConnectionPorts } from "../redis/connection.ts";
import { parseRedisUrl } from "../redis/url.ts";

export interface CacheSettings {
  /** `memory:`, or that of a Redis (adapters/redis/url.ts). */
  url: string;
  /** How long a quote outlives this process in Redis. */
  ttlMs: number;
}

/**
 * Opens at once: a Redis that is not there is found when it comes. Never throws; with a URL that `cacheUrlProblem`
 * (url.ts) refuses it is memory, which says so in its status.
 */
export function openCache(settings: CacheSettings, ports: ConnectionPorts): PriceCache {
  if (settings.url === "memory:") return new MemoryCache(ports.clock);
  const server = parseRedisUrl(settings.url);
  if (typeof server !== "string") return new RedisCache(server, settings.ttlMs, ports);
  ports.log.warning("The cache is memory, because its URL cannot be understood", { reason: server });
  return new MemoryCache(ports.clock, server);
}
