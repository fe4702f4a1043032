/** What happens to Redis and PostgreSQL while the program runs, and what it has to say meanwhile. */
import assert from "node:assert/strict";
import type { Health } from "../../../core/app/market.ts";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import type { RedisServer } from "../../cache/redis_server.ts";
import { seeded } from "../../random.ts";
import { pause, until } from "../process.ts";
import type { Config, Program } from "../program.ts";
import type { PostgresServer } from "./services.ts";

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

/** What is answered from memory, whatever is gone. */
export const IN_MEMORY = ["highest", "lowest", "average"].map((name) => `/prices/${name}/BTC-USDT?period=5s`);

export async function redisFaults(
  program: Program,
  redis: RedisServer,
  options: OutageOptions,
): Promise<void> {
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

export async function postgresGone(
  program: Program,
  postgres: PostgresServer,
  options: OutageOptions,
): Promise<void> {
  await postgres.kill();
  const goneAt = Date.now();
  const { exchanges, symbols } = options;
  await pause(MINUTE_MS - goneAt % MINUTE_MS);
  const health = await until(
    "a minute has closed and waits, and it is known why",
    () => program.health(),
    ({ status, history, outbox }) =>
      status === "degraded" && history.state === "unreachable" && Date.now() % MINUTE_MS > 3_000 &&
      outbox.records >= exchanges.length * symbols.length,
  );
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
      `gone for ${Math.round(goneMs() / 1000)} s: ${outbox.records} records wait, ${await memoryOf(
        program,
      )} MB`,
    );
  }
  await postgres.start();
}

/** Killed again and again, also in the middle of draining what the long outage left. */
export async function postgresKilled(
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

/** Resident memory in MB. */
export async function memoryOf(program: Program): Promise<number> {
  return Math.round((await program.health()).memory.rssBytes / 1e6);
}
