/** What happens when Redis is killed, frozen, wrong or something else altogether. */
import assert from "node:assert/strict";
import { seed } from "../core/seed.ts";
import { pause, until } from "../program/process.ts";
import { seeded } from "../random.ts";
import { ago, clock, open, quote, quotes, untilStatus, written } from "./caches.ts";
import { freePort } from "../ports.ts";
import { RedisServer, redisTest } from "./redis_server.ts";

redisTest("a Redis that is not there when the program starts is found when it comes", async () => {
  const port = freePort();
  await using cache = open(`redis://127.0.0.1:${port}`);
  cache.put("live", quotes(100));
  await untilStatus(cache, "it says why", ({ error }) => error?.includes("ECONNREFUSED") === true);
  assert.equal(cache.status().state, "fallback");
  assert.equal((await cache.latest("live", "e", "S5-USDT"))?.symbol, "S5-USDT");
  await using server = await RedisServer.start([], { port });
  await written(cache);
  assert.equal(await server.cli("EXISTS", "price:e:S5-USDT"), "1");
  assert.deepEqual(cache.log.map(({ level }) => level), ["warning", "info"]);
});

redisTest(
  "a Redis that was killed comes back empty and is filled again: quotes and their last minutes",
  async () => {
    await using server = await RedisServer.start();
    await using cache = open(server.url);
    const start = ago(100_000);
    for (let n = 0; n < 100; n++) {
      cache.put(
        "live",
        quotes(20, { bid: n + 1, receivedTime: start + n * 500 }),
      );
    }
    await written(cache);
    await until(
      "streams are written",
      () => server.cli("XLEN", "recent:e:S7-USDT"),
      (text) => text === "100",
    );
    await server.kill();
    await untilStatus(cache, "it is missed", ({ state }) => state === "fallback");
    assert.equal((await cache.latest("live", "e", "S7-USDT"))?.bid, 100);
    assert.equal((await cache.recent("live", "e", "S7-USDT", 0)).length, 100);
    cache.put("live", quotes(20, { bid: 200, receivedTime: start + 60_000 }));
    cache.remove("live", [{ exchange: "e", symbol: "S19-USDT" }]);
    await server.start();
    await written(cache);
    assert.equal((await server.hash("price:e:S7-USDT")).bid, "200");
    assert.equal(await server.cli("EXISTS", "price:e:S19-USDT"), "0");
    await until("streams are whole", () => server.cli("XLEN", "recent:e:S7-USDT"), (text) => text === "101");
  },
);

redisTest("a Redis that is killed again and again loses nothing that holds now", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  const random = seeded(seed);
  for (let round = 1; round <= 5; round++) {
    let running = true;
    const flood = (async () => {
      for (let n = 0; running; n++) {
        cache.put("live", quotes(200, { bid: round * 1e6 + n }));
        await pause(0);
      }
    })();
    await pause(random() * 200);
    await server.kill();
    await pause(random() * 200);
    await server.start();
    running = false;
    await flood;
    await written(cache);
    const ours = await cache.latest("live", "e", "S100-USDT");
    assert.equal((await server.hash("price:e:S100-USDT")).bid, String(ours!.bid));
  }
});

redisTest(
  "a frozen Redis holds nobody up: memory answers, and it is used again when it goes on",
  async () => {
    await using server = await RedisServer.start();
    await using cache = open(server.url);
    cache.put("live", quotes(100, { bid: 1 }));
    await written(cache);
    server.freeze();
    // All that are under way wait for it together and once.
    const answers = await Promise.all(quotes(100).map(({ symbol }) => cache.latest("live", "e", symbol)));
    assert.ok(answers.every((one) => one?.bid === 1));
    assert.equal(cache.status().state, "fallback");
    for (let n = 0; n < 1000; n++) {
      cache.put("live", quotes(100, { bid: n }));
      assert.equal((await cache.latest("live", "e", "S3-USDT"))?.bid, n);
      assert.ok((await cache.recent("live", "e", "S3-USDT", 0)).length > 0);
    }
    assert.equal(cache.status().state, "fallback");
    server.thaw();
    await written(cache);
    assert.equal((await server.hash("price:e:S3-USDT")).bid, "999");
  },
);

redisTest("a Redis that freezes while nobody reads is noticed by writing", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  cache.put("live", [quote()]);
  await written(cache);
  server.freeze();
  cache.put("live", [quote()]);
  await untilStatus(cache, "it is noticed", ({ state }) => state === "fallback");
  assert.ok(cache.status().lagMs! > 0);
  server.thaw();
  await written(cache);
});

redisTest("while Redis is gone, what waits is bounded by the number of pairs", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  await written(cache);
  await server.kill();
  await untilStatus(cache, "it is missed", ({ state }) => state === "fallback");
  for (let n = 0; n < 2000; n++) {
    cache.put("live", quotes(500, { bid: n }));
    if (n % 50 === 0) await pause(0);
  }
  const { pending, conflated } = cache.status();
  assert.equal(pending, 500);
  assert.equal(conflated, 1999 * 500);
  assert.ok((await cache.recent("live", "e", "S3-USDT", 0)).length <= 600);
  await server.start();
  const status = await written(cache);
  assert.equal(status.written, 500);
});

redisTest("a wrong password is named in plain words, and the right one works once it is right", async () => {
  await using server = await RedisServer.start(["--requirepass", "other"], { cliArgs: ["-a", "other"] });
  await using cache = open(server.url.replace("//", "//:s%40cret@"));
  const status = await untilStatus(cache, "it says so", ({ error }) => error?.includes("password") === true);
  assert.match(status.error!, /^Redis refuses user or password/);
  assert.ok(!JSON.stringify([status, cache.log]).includes("cret"));
  cache.put("live", [quote()]);
  assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 64000.1);
  await server.cli("CONFIG", "SET", "requirepass", "s@cret");
  server.cliArgs = ["-a", "s@cret"];
  await written(cache);
  assert.equal(await server.cli("EXISTS", "price:kraken:BTC-USDT"), "1");
});

redisTest("a missing password is named, too", async () => {
  await using server = await RedisServer.start(["--requirepass", "other"], { cliArgs: ["-a", "other"] });
  await using cache = open(server.url);
  const status = await untilStatus(cache, "it says so", ({ error }) => error?.includes("NOAUTH") === true);
  assert.match(status.error!, /^Redis refuses user or password/);
});

redisTest("a Redis that refuses to write is not relied on until it takes writes again", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  cache.put("live", [quote({ bid: 1 })]);
  await written(cache);
  await server.cli("CONFIG", "SET", "maxmemory", "1");
  cache.put("live", [quote({ bid: 2 })]);
  const status = await untilStatus(cache, "it is told", ({ error }) => error !== null);
  assert.match(status.error!, /OOM/);
  assert.equal(status.state, "fallback");
  assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 2);
  await server.cli("CONFIG", "SET", "maxmemory", "0");
  await written(cache);
  assert.equal((await server.hash("price:kraken:BTC-USDT")).bid, "2");
});

const RUBBISH: Record<string, (random: () => number) => Uint8Array<ArrayBuffer>> = {
  "random bytes": (random) => Uint8Array.from({ length: 4096 }, () => Math.floor(random() * 256)),
  "replies that nobody asked for": () => new TextEncoder().encode("+PONG\r\n:1\r\n".repeat(50)),
  "an error after a greeting": () => new TextEncoder().encode("+PONG\r\n-ERR no\r\n*3\r\n$-1\r\n"),
  "lengths that are none": () => new TextEncoder().encode("+PONG\r\n$99999999999\r\n*-5\r\n$abc\r\n"),
  "a web server": () => new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "nothing": () => new Uint8Array(0),
};
for (const [what, bytes] of Object.entries(RUBBISH)) {
  Deno.test(`something else than Redis at its port (${what}) breaks nothing`, async () => {
    const random = seeded(seed);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let connections = 0;
    const serving = (async () => {
      for await (const connection of listener) {
        connections++;
        talk(connection, () => bytes(random));
      }
    })();
    const cache = open(`redis://127.0.0.1:${listener.addr.port}`);
    cache.put("live", quotes(100));
    await until("it was tried more than once", () => connections > 1);
    cache.put("live", quotes(100, { bid: 9 }));
    assert.equal((await cache.latest("live", "e", "S5-USDT"))?.bid, 9);
    assert.equal((await cache.recent("live", "e", "S5-USDT", 0)).length > 0, true);
    assert.equal(cache.status().pending, 100);
    await cache.close();
    listener.close();
    await serving.catch(() => {});
  });
}

/** Sends rubbish to whatever it is told, until the other side leaves. */
async function talk(connection: Deno.TcpConn, rubbish: () => Uint8Array<ArrayBuffer>): Promise<void> {
  const buffer = new Uint8Array(65536);
  try {
    while (await connection.read(buffer) !== null) await connection.write(rubbish());
  } catch { /* it left */ }
  try {
    connection.close();
  } catch { /* it is closed */ }
}

Deno.test("closing takes no longer than it takes to give up, whatever Redis does", async () => {
  // A listener that never accepts: the connection stands, and nobody answers.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const cache = open(`redis://127.0.0.1:${listener.addr.port}`);
  cache.put("live", [quote({ receivedTime: clock.now() })]);
  await pause(50);
  await cache.close();
  assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.symbol, "BTC-USDT");
});
