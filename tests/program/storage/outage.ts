/**
 * The program while PostgreSQL and Redis are killed, cut off and frozen under it: it answers, says what is wrong, and in
 * the end nothing is missing.
 */
import assert from "node:assert/strict";
import type { Health } from "../../../core/app/market.ts";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { TcpProxy } from "../../archive/proxy.ts";
import { RedisServer } from "../../cache/redis_server.ts";
import { seeded } from "../../random.ts";
import { pause, until } from "../process.ts";
import type { Config, Program } from "../program.ts";
import { Stream } from "../stream.ts";
import { Instance } from "./instance.ts";
import { checkEpisodes, checkMinutes } from "./kept.ts";
import { SteadyReader } from "./reader.ts";
import { PostgresServer, steadyPort } from "./services.ts";
import { bars } from "./sql.ts";

export interface OutageOptions {
  seed: number;
  /** How long PostgreSQL is gone at a stretch; at least until a minute has closed without it. */
  postgresGoneMs: number;
  postgresKills: number;
  redisGoneMs: number;
  redisFrozenMs: number;
  config: Config;
  exchanges: readonly string[];
  symbols: readonly string[];
  /** Prefix of the keys in Redis. */
  prefix: string;
  /** Told what happens, for runs by hand. */
  say?(what: string): void;
}

const DRAINED_WITHIN_MS = 60_000;
const IN_MEMORY = ["highest", "lowest", "average"].map((name) => `/prices/${name}/BTC-USDT?period=5s`);

export async function outage(options: OutageOptions): Promise<void> {
  const { exchanges, symbols, say = () => {} } = options;
  await using postgres = await PostgresServer.start();
  await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: postgres.port });
  await using redis = await RedisServer.start([], { port: steadyPort() });
  await using instance = await Instance.in({
    ...options.config,
    symbols,
    history: { url: postgres.urlAt(proxy.port) },
    cache: { url: redis.url },
  });
  const program = await instance.start();
  const stream = await Stream.connect(program.url);
  await healthy(program, symbols.length);
  // All exchanges quote all symbols: from the next minute on each has a row.
  const from = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  await until("there are five seconds to look back at", () => program.health(), (h) => h.uptimeMs > 10_000);
  const reader = new SteadyReader(program.url, [
    "/prices/latest/BTC-USDT",
    `/prices/recent/${exchanges[0]}/BTC-USDT`,
    ...IN_MEMORY,
  ]);
  const memory = async () => `RSS ${mb(await rss(program))} MB`;
  say(`start: ${await memory()}`);

  await redisFaults(program, redis, options);
  say(`Redis was gone and frozen: ${await memory()}`);
  await postgresGone(program, postgres, options);
  say(`PostgreSQL was gone: ${await memory()}`);
  await postgresKilled(program, postgres, options);
  const returned = performance.now();
  await until(
    "the outbox is empty",
    () => program.health(),
    ({ outbox }) => outbox.records + outbox.pending === 0,
  );
  const drainedMs = performance.now() - returned;
  say(`drained in ${Math.round(drainedMs)} ms: ${await memory()}`);
  assert.ok(drainedMs < DRAINED_WITHIN_MS, `It was drained ${drainedMs} ms after the return`);
  await healthy(program, symbols.length);
  await reader.stop();
  say(`${reader.reads} reads, none failed`);

  await until("something is open that will have to be closed", () => stream.open.size > 0);
  proxy.freeze();
  const stoppedIn = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const { code, stderr } = await instance.stop();
  assert.equal(code, 0, stderr.join("\n"));
  await stream[Symbol.asyncDispose]();
  const { closed } = stream;
  assert.ok(closed.some(({ reason }) => reason === "shutdown"), "What was open is closed by the stop");

  proxy.restore();
  const again = await instance.start();
  await until(
    "what the frozen one did not take is there",
    () => again.health(),
    ({ outbox, history }) => history.state === "ok" && outbox.records + outbox.pending === 0,
  );
  await healthy(again, symbols.length);
  assert.equal((await instance.stop()).code, 0);
  await using sql = postgres.sql();
  const counts = await checkMinutes(sql, { exchanges, symbols, from });
  const cut = (await bars(sql, "minutes")).filter(({ timestamp }) => timestamp === stoppedIn);
  assert.ok(
    cut.length > 0 && cut.every(({ complete }) => !complete),
    "The minute of the stop is cut, and says so",
  );
  const episodes = await checkEpisodes(sql, closed);
  say(`${counts.rows} rows of ${counts.minutes} minutes, ${episodes} episodes: none missing, none double`);
}

/** All is well, and nothing is left of what was not. */
async function healthy(program: Program, symbols: number): Promise<void> {
  await until(
    "all is well",
    () => program.health(),
    ({ status, problems, history, cache, venues }) =>
      status === "ok" && problems.length === 0 && history.state === "ok" && cache.state === "ok" &&
      venues.every((venue) => venue.freshQuotes === venue.exchanges.length * symbols),
  );
}

async function redisFaults(program: Program, redis: RedisServer, options: OutageOptions): Promise<void> {
  const fallback = (health: Health) =>
    health.cache.state === "fallback" && health.status === "degraded" &&
    health.problems.some((problem) => problem.includes("Redis"));
  const warm = async () => {
    await until(
      "Redis has all quotes again",
      () => redis.cli("--raw", "KEYS", `${options.prefix}price:*`),
      (keys) =>
        new Set(
          keys.split("\n").filter((key) => key.split(":").length === options.prefix.split(":").length + 2),
        )
          .size >= options.exchanges.length * options.symbols.length,
    );
    await until("health says so", () => program.health(), ({ cache }) => cache.state === "ok");
    const hash = await redis.hash(`${options.prefix}price:${options.exchanges[0]}:BTC-USDT`);
    assert.equal(hash.symbol, "BTC-USDT");
    assert.ok(Number(hash.price) > 0, JSON.stringify(hash));
  };
  await warm();
  await redis.kill();
  await until("health says that Redis is gone", () => program.health(), fallback);
  await pause(options.redisGoneMs);
  await redis.start();
  await warm();
  redis.freeze();
  await until("health says that Redis does not answer", () => program.health(), fallback);
  await pause(options.redisFrozenMs);
  redis.thaw();
  await warm();
}

async function postgresGone(
  program: Program,
  postgres: PostgresServer,
  options: OutageOptions,
): Promise<void> {
  await postgres.kill();
  const goneAt = Date.now();
  const { exchanges, symbols } = options;
  await pause(MINUTE_MS - goneAt % MINUTE_MS);
  await until(
    "a minute has closed and waits",
    () => program.health(),
    ({ outbox }) => Date.now() % MINUTE_MS > 3_000 && outbox.records >= exchanges.length * symbols.length,
  );
  const health = await program.health();
  assert.equal(health.status, "degraded");
  assert.equal(health.history.state, "unreachable");
  assert.ok(health.problems.some((problem) => problem.startsWith("History is not reachable")));
  assert.ok(health.outbox.lagMs! > 0);
  for (const path of IN_MEMORY) assert.equal((await fetchText(program.url + path)).status, 200);
  // From before the program began: only the history could know.
  const old = await fetchText(`${program.url}/prices/history/BTC-USDT?from=0`);
  assert.equal(old.status, 503);
  assert.match(JSON.parse(old.text).detail, /^[A-Z].{20,}/u);
  const since = Date.now() - Math.min(MINUTE_MS, health.uptimeMs - 1_000);
  const held = await fetchText(`${program.url}/prices/history/BTC-USDT?from=${since}`);
  assert.equal(held.status, 200, held.text);
  assert.ok(JSON.parse(held.text).bars.length > 0);
  const goneMs = () => Date.now() - goneAt;
  while (goneMs() < options.postgresGoneMs) {
    await pause(Math.min(30_000, options.postgresGoneMs - goneMs()));
    const { outbox } = await program.health();
    options.say?.(
      `gone for ${Math.round(goneMs() / 1000)} s: ${outbox.records} records wait, ${
        mb(await rss(program))
      } MB`,
    );
  }
  await postgres.start();
}

/** Killed again and again, also in the middle of draining what the long outage left. */
async function postgresKilled(
  program: Program,
  postgres: PostgresServer,
  options: OutageOptions,
): Promise<void> {
  const random = seeded(options.seed);
  // At least one of them comes while a minute is being written.
  const least = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 4_000;
  for (let n = 0; n < options.postgresKills || Date.now() < least; n++) {
    await pause(random() * 3_000);
    await postgres.kill();
    await pause(random() * 1_000);
    await postgres.start();
    options.say?.(`kill ${n + 1}: ${(await program.health()).outbox.records} records wait`);
  }
}

async function fetchText(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

async function rss(program: Program): Promise<number> {
  return (await program.health()).memory.rssBytes;
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e6);
}
