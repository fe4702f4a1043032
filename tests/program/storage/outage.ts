/**
 * The program while PostgreSQL and Redis are killed, cut off and frozen under it: it answers, says what is wrong, and in
 * the end nothing is missing.
 */
import assert from "node:assert/strict";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { TcpProxy } from "../../archive/proxy.ts";
import { RedisServer } from "../../cache/redis_server.ts";
import { pause, until } from "../process.ts";
import type { Program } from "../program.ts";
import { Stream } from "../stream.ts";
import {
  IN_MEMORY,
  memoryOf,
  type OutageOptions,
  postgresGone,
  postgresKilled,
  redisFaults,
} from "./faults.ts";
import { Instance } from "./instance.ts";
import { checkEpisodes, checkMinutes } from "./kept.ts";
import { SteadyReader } from "./reader.ts";
import { freePort } from "../../ports.ts";
import { PostgresServer } from "./services.ts";
import { bars } from "./sql.ts";

/** So much of a minute has to be left for it to be the minute of the stop. */
const BEFORE_TURN_MS = 10_000;

export async function outage(options: OutageOptions): Promise<void> {
  const { exchanges, symbols, say = () => {} } = options;
  await using postgres = await PostgresServer.start();
  await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: postgres.port });
  await using redis = await RedisServer.start([], { port: freePort() });
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
  const memory = async () => `RSS ${await memoryOf(program)} MB`;
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
  await healthy(program, symbols.length);
  await reader.stop();
  say(`${reader.reads} reads, none failed`);

  const leftMs = MINUTE_MS - Date.now() % MINUTE_MS;
  if (leftMs < BEFORE_TURN_MS) await pause(leftMs);
  await until("something is open that will have to be closed", () => stream.open.size > 0);
  proxy.freeze();
  const stoppedIn = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const { code, stderr } = await instance.stop();
  assert.equal(code, 0, stderr.join("\n"));
  await until("the stream was read to its end", () => stream.end !== undefined);
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
