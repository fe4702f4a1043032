/** The address of a price cache: `memory:`, or that of a Redis (adapters/redis/url.ts). */
import { parseRedisUrl } from "../redis/url.ts";

/** What is wrong with it, as a sentence without the password; undefined where nothing is. */
export function cacheUrlProblem(url: string): string | undefined {
  if (url === "memory:") return undefined;
  const server = parseRedisUrl(url);
  return typeof server === "string" ? server : undefined;
}
