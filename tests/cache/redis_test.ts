/** What stands in Redis, as others see it: redis-cli and a second process. */
import assert from "node:assert/strict";
import { RECENT_QUOTES } from "../../core/ports/cache.ts";
import { pause, until } from "../program/process.ts";
import { ago, open, quote, quotes, untilStatus, written } from "./caches.ts";
import { RedisServer, redisTest } from "./redis_server.ts";

redisTest("a quote is a hash with the fields of MarketData and a time to live", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  const one = quote({ receivedTime: 1_763_745_547_123.4568 });
  cache.put("live", [one, quote({ exchange: "okx", ask: null, askSize: null, fresh: false, bid: 1e-7 })]);
  cache.put("test", [quote({ bid: 5 })]);
  await written(cache);
  assert.deepEqual(await server.hash("price:kraken:BTC-USDT"), {
    exchange: "kraken",
    symbol: "BTC-USDT",
    bid: "64000.1",
    bidSize: "1.5",
    ask: "64000.2",
    askSize: "0.00012345",
    price: "64000.15",
    exchangeTime: "1763745547123.25",
    receivedTime: "1763745547123.4568",
    fresh: "true",
  });
  const half = await server.hash("price:okx:BTC-USDT");
  assert.equal(half.bid, "1e-7");
  assert.equal(half.fresh, "false");
  assert.ok(!("ask" in half) && !("askSize" in half));
  assert.equal((await server.hash("test:price:kraken:BTC-USDT")).bid, "5");
  const ttl = Number(await server.cli("PTTL", "price:kraken:BTC-USDT"));
  assert.ok(ttl > 0 && ttl <= 60_000, `${ttl}`);
});

redisTest("fields that vanish are deleted, those of an earlier process as well", async () => {
  await using server = await RedisServer.start();
  {
    await using earlier = open(server.url);
    earlier.put("live", [quote()]);
    await written(earlier);
  }
  await using cache = open(server.url);
  cache.put("live", [quote({ exchangeTime: null })]);
  await written(cache);
  assert.equal((await server.hash("price:kraken:BTC-USDT")).exchangeTime, undefined);
  cache.put("live", [quote({ exchangeTime: null, ask: null, askSize: null })]);
  await written(cache);
  const fields = Object.keys(await server.hash("price:kraken:BTC-USDT"));
  assert.deepEqual(fields.sort(), ["bid", "bidSize", "exchange", "fresh", "price", "receivedTime", "symbol"]);
});

redisTest("a removed pair has no hash", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  cache.put("live", [quote()]);
  await written(cache);
  cache.remove("live", [quote()]);
  await written(cache);
  assert.equal(await server.cli("EXISTS", "price:kraken:BTC-USDT"), "0");
});

redisTest("a quote that does not change stays as long as the process lives, and no longer", async () => {
  await using server = await RedisServer.start();
  const cache = open(server.url, { ttlMs: 6000 });
  cache.put("live", [quote()]);
  await written(cache);
  // Longer than it lives if it is not renewed, which is done three times as often: a busy machine may be late for it.
  for (let n = 0; n < 8; n++) {
    await pause(1000);
    assert.equal(await server.cli("EXISTS", "price:kraken:BTC-USDT"), "1");
  }
  await cache.close();
  await until("the key expires", () => server.cli("EXISTS", "price:kraken:BTC-USDT"), (text) => text === "0");
});

redisTest(
  "a Redis that is flushed gets quotes again that do not change, with their time to live",
  async () => {
    await using server = await RedisServer.start();
    await using cache = open(server.url, { ttlMs: 6000 });
    cache.put("live", quotes(50));
    await written(cache);
    await server.cli("FLUSHALL");
    const keys = () => server.cli("KEYS", "price:*").then((text) => text.split("\n").length);
    await until("all are back", keys, (count) => count === 50);
    assert.ok(Number(await server.cli("PTTL", "price:e:S7-USDT")) > 0);
  },
);

redisTest("a key that is lost and written again at once has a time to live", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  cache.put("live", [quote()]);
  await written(cache);
  await server.cli("DEL", "price:kraken:BTC-USDT");
  cache.put("live", [quote()]);
  await until(
    "it lives for a while",
    () => server.cli("PTTL", "price:kraken:BTC-USDT"),
    (ttl) => Number(ttl) > 0,
  );
});

redisTest("the last minutes are a stream, bounded, with a time to live", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  const start = ago(299_000);
  for (let n = 0; n < 590; n++) cache.put("live", [quote({ bid: n, receivedTime: start + n * 500 + 0.25 })]);
  const length = () => server.cli("XLEN", "recent:kraken:BTC-USDT").then(Number);
  await until("the stream is written", length, (entries) => entries > 550);
  assert.ok(Number(await server.cli("PTTL", "recent:kraken:BTC-USDT")) > 300_000);
  const last = await server.cli("XREVRANGE", "recent:kraken:BTC-USDT", "+", "-", "COUNT", "1");
  assert.match(last, new RegExp(`^${start + 589 * 500}-250\nbid\n589\n`));
  for (let n = 590; n < 1500; n++) cache.put("live", [quote({ bid: n, receivedTime: start + n * 500 })]);
  await cache.close();
  // Trimmed by whole blocks of a stream, 100 entries each.
  assert.ok(await length() <= RECENT_QUOTES + 100, `${await length()}`);
});

redisTest("another process reads what the first wrote, and joins it with its own", async () => {
  await using server = await RedisServer.start();
  const start = ago(60_000);
  {
    await using first = open(server.url);
    for (const n of [0, 1, 2]) first.put("live", [quote({ bid: n, receivedTime: start + n * 1000 })]);
    await written(first);
  }
  await using second = open(server.url);
  await written(second);
  assert.equal((await second.latest("live", "kraken", "BTC-USDT"))?.bid, 2);
  const read = async () =>
    (await second.recent("live", "kraken", "BTC-USDT", start + 1000)).map(({ bid }) => bid);
  assert.deepEqual(await read(), [1, 2]);
  // The second half second was known, the third is not written yet.
  second.put("live", [quote({ bid: 2, receivedTime: start + 2000 })]);
  second.put("live", [quote({ bid: 3, receivedTime: start + 3000 })]);
  assert.deepEqual(await read(), [1, 2, 3]);
  assert.equal((await second.latest("live", "kraken", "BTC-USDT"))?.bid, 3);
  await written(second);
  await until(
    "the stream goes on where it ended",
    () => server.cli("XLEN", "recent:kraken:BTC-USDT"),
    (n) => n === "4",
  );
});

redisTest("a key of another type is named, and stops no other", async () => {
  await using server = await RedisServer.start();
  await server.cli("SET", "price:kraken:BTC-USDT", "mine");
  await using cache = open(server.url);
  cache.put("live", [quote(), quote({ exchange: "okx" })]);
  const status = await untilStatus(cache, "it says so", ({ error }) => error?.includes("WRONGTYPE") === true);
  assert.match(status.error!, /price:kraken:BTC-USDT/);
  await written(cache);
  assert.equal((await server.hash("price:okx:BTC-USDT")).bid, "64000.1");
  assert.equal(await server.cli("GET", "price:kraken:BTC-USDT"), "mine");
  assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 64000.1);
});

redisTest("many changes of a pair are one write", async () => {
  await using server = await RedisServer.start();
  await using cache = open(server.url);
  await written(cache);
  for (let n = 0; n < 1000; n++) cache.put("live", [quote({ bid: n })]);
  const status = await written(cache);
  assert.ok(status.written < 20, `${status.written}`);
  assert.equal(status.conflated + status.written, 1000);
  assert.equal((await server.hash("price:kraken:BTC-USDT")).bid, "999");
});
