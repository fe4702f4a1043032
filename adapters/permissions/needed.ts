/** What this program must be allowed (https://docs.deno.com/runtime/fundamentals/security/), by its settings and no more. */
import { dirname, isAbsolute, join, relative } from "node:path";
import { isPoolVenue } from "../config/pools.ts";
import type { Settings } from "../config/schema.ts";
import { historyKind } from "../history/url.ts";
import { parseAddress } from "../postgres/address.ts";
import { parseRedisUrl } from "../redis/url.ts";
import { BASE_ENV } from "./env.ts";

export interface Permission {
  name: "net" | "read" | "write" | "env";
  /** As it stands behind `--allow-…=`: `host:port`, a path, a variable or the begin of some. */
  value: string;
  why: string;
  /** Nothing works without it. */
  vital: boolean;
}

export interface Files {
  /** The project's folder; undefined where all that is in it is inside an executable. */
  project: string | undefined;
  /** Settings and secrets that were read, by path. */
  settings: readonly string[];
}

export function neededPermissions(settings: Settings, files: Files): Permission[] {
  return [...reached(settings), ...read(settings, files), ...written(settings), ...looked(settings)];
}

/** One flag a kind, each value once. */
export function flagsOf(permissions: readonly Permission[]): string[] {
  return (["net", "read", "write", "env"] as const).flatMap((name) => {
    const values = [...new Set(permissions.filter((one) => one.name === name).map(({ value }) => value))];
    return values.length === 0 ? [] : [`--allow-${name}=${values.join(",")}`];
  });
}

function reached({ server, venues, cache, history }: Settings): Permission[] {
  const net = (value: string, why: string, vital = false): Permission => ({ name: "net", value, why, vital });
  const address = (host: string, port: number) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const result = [net(address(server.host, server.port), "the page and the API listen there", true)];
  // Where it listens on every address, --check-health asks this machine.
  const own = { "0.0.0.0": "127.0.0.1", "::": "::1" }[server.host];
  if (own !== undefined) result.push(net(address(own, server.port), "--check-health asks there"));
  for (const [id, venue] of Object.entries(venues)) {
    if (!venue.enabled) continue;
    const why = `venue ${id}`;
    if ("sources" in venue) result.push(...Object.values(venue.sources).map((source) => net(source, why)));
    else if (isPoolVenue(venue)) {
      result.push(...[venue.wsUrl, venue.httpUrl].flat().map((url) => net(hostOf(url), why)));
    } else result.push(net(hostOf(venue.wsUrl), why), net(hostOf(venue.restUrl), why));
  }
  const redis = cache.url === "memory:" ? "memory" : parseRedisUrl(cache.url);
  if (typeof redis !== "string") {
    result.push(...redis.nodes.map(({ host, port }) => net(address(host, port), "the cache")));
  }
  if (historyKind(history.url) === "postgres") {
    const { host, port } = parseAddress(history.url);
    result.push(net(address(host, port), "the history"));
  }
  return result;
}

function read({ dataDir, cache, history }: Settings, { project, settings }: Files): Permission[] {
  const one = (value: string, why: string, vital = false): Permission => ({
    name: "read",
    value,
    why,
    vital,
  });
  const result = settings.map((path) => one(path, "settings"));
  if (project !== undefined) {
    const inside = (folder: string) => relative(".", join(project, folder)) || ".";
    result.push(one(inside("static"), "style sheets and scripts of the page", true));
    // Those that main.ts imports need no permission, those that workers do need one.
    result.push(
      one(inside("adapters"), "the code of the workers", true),
      one(inside("core"), "the code of the workers", true),
    );
  }
  result.push(...folders(dataDir, history.url).map((path) => one(path, "what is kept")));
  const redis = cache.url === "memory:" ? "memory" : parseRedisUrl(cache.url);
  if (typeof redis !== "string" && redis.tls?.caFile) {
    result.push(one(redis.tls.caFile, "certificates of the cache"));
  }
  const root = rootFileOf(history.url);
  if (root !== undefined) result.push(one(root, "certificates of the history"));
  return result;
}

function written({ dataDir, history }: Settings): Permission[] {
  return folders(dataDir, history.url).map((value) => ({
    name: "write",
    value,
    why: "what is kept",
    vital: false,
  }));
}

function looked({ cache, history }: Settings): Permission[] {
  const env = (value: string, why: string): Permission => ({ name: "env", value, why, vital: false });
  const result = BASE_ENV.map(({ value, why }): Permission => ({ name: "env", value, why, vital: true }));
  if (historyKind(history.url) === "postgres") {
    result.push(env("PG*", "what the address of the history leaves out"));
  }
  if (cache.url !== "memory:") result.push(env("REDIS_*", "the client of the cache looks there"));
  return result;
}

/** SQLite writes files beside its own. */
function folders(dataDir: string, historyUrl: string): string[] {
  const file = historyKind(historyUrl) === "sqlite" ? historyUrl.slice("sqlite:".length) : "";
  return isAbsolute(file) ? [dataDir, dirname(file)] : [dataDir];
}

function rootFileOf(historyUrl: string): string | undefined {
  if (historyKind(historyUrl) !== "postgres") return undefined;
  const file = URL.parse(historyUrl)?.searchParams.get("sslrootcert") || Deno.env.get("PGSSLROOTCERT");
  return file && file !== "system" ? file : undefined;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "ws:": 80, "https:": 443, "wss:": 443 };

function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || PORTS[protocol]}`;
}
