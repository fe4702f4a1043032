/** The program while its databases are not there yet, or there and silent. */
import assert from "node:assert/strict";
import { TcpProxy } from "../../archive/proxy.ts";
import { present as redisIsPresent, RedisServer } from "../../cache/redis_server.ts";
import { until } from "../process.ts";
import type { Program } from "../program.ts";
import { Stream } from "../stream.ts";
import { Instance } from "./instance.ts";
import { freePort } from "../../ports.ts";
import { PostgresServer, WITHOUT_POSTGRES } from "./services.ts";

const without = WITHOUT_POSTGRES || (redisIsPresent ? "" : " (skipped: Redis is not installed)");

async function serves(program: Program): Promise<void> {
  await until("all exchanges quote", () => program.quotes("BTC-USDT"), ({ length }) => length === 4);
  for (
    const path of ["/", "/prices/recent/okx/BTC-USDT", "/prices/highest/BTC-USDT?period=1s", "/opportunities"]
  ) {
    const response = await fetch(program.url + path);
    await response.body?.cancel();
    assert.equal(response.status, 200, path);
  }
}

/** Questions that only the history can answer get an answer in words. */
async function refusesInWords(program: Program): Promise<void> {
  const paths = [
    "/prices/history/BTC-USDT?from=0",
    "/prices/lowest/BTC-USDT?period=2h",
    "/opportunities/history",
  ];
  await Promise.all(paths.map(async (path) => {
    const response = await fetch(program.url + path, { signal: AbortSignal.timeout(60_000) });
    const body = await response.json();
    assert.equal(response.status, 503, `${path}: ${JSON.stringify(body)}`);
    assert.match(body.detail, /^[A-Z].{20,}/u);
  }));
}

const well = (program: Program) =>
  until(
    "all is well",
    () => program.health(),
    ({ status, history, cache, outbox }) =>
      status === "ok" && history.state === "ok" && cache.state === "ok" &&
      outbox.records + outbox.pending === 0,
  );

Deno.test({
  name: `the program starts and serves without its databases, and uses them when they come${without}`,
  ignore: without !== "",
  async fn() {
    await using postgres = await PostgresServer.start();
    await using redis = await RedisServer.start([], { port: freePort() });
    await postgres.kill();
    await redis.kill();
    await using instance = await Instance.in({ history: { url: postgres.url }, cache: { url: redis.url } });
    const program = await instance.start();
    // Until each exchange has answered the program is still starting, whatever else is wrong.
    await until(
      "health says that both are gone",
      () => program.health(),
      ({ status, problems }) =>
        status === "degraded" &&
        problems.some((one) => one.startsWith("History is not reachable")) &&
        problems.some((one) => one.includes("Redis is gone")),
    );
    await serves(program);
    await refusesInWords(program);
    await postgres.start();
    await redis.start();
    await well(program);
    assert.equal((await instance.stop()).code, 0);
  },
});

Deno.test({
  name: `databases that are silent hold up nothing, not even the end${without}`,
  ignore: without !== "",
  async fn() {
    await using postgres = await PostgresServer.start();
    await using redis = await RedisServer.start([], { port: freePort() });
    await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: postgres.port });
    await using instance = await Instance.in({
      history: { url: postgres.urlAt(proxy.port) },
      cache: { url: redis.url },
    });
    const program = await instance.start();
    await well(program);
    proxy.freeze();
    redis.freeze();
    await serves(program);
    await refusesInWords(program);
    await until(
      "health says so",
      () => program.health(),
      ({ status, history, cache }) =>
        status === "degraded" && history.state === "unreachable" && cache.state === "fallback",
    );
    await using stream = await Stream.connect(program.url);
    await until("something is open that the stop will close", () => stream.open.size > 0);
    const { code, stderr } = await instance.stop();
    redis.thaw();
    assert.equal(code, 0, stderr.join("\n"));
    proxy.restore();
    const again = await instance.start();
    await well(again);
    assert.equal((await instance.stop()).code, 0);
    await using sql = postgres.sql();
    assert.ok(await sql.value("select count(*) as n from minutes where not complete") >= 40);
    assert.ok(await sql.value("select count(*) as n from episodes where reason = 'shutdown'") > 0);
  },
});
