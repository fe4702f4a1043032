/** What core/ports/cache.ts promises, for every implementation. */
import assert from "node:assert/strict";
import { RECENT_MS, RECENT_QUOTES } from "../../core/ports/cache.ts";
import { until } from "../program/process.ts";
import { ago, clock, open, type OpenCache, quote, written } from "./caches.ts";
import { RedisServer, redisTest } from "./redis_server.ts";

const SENTENCES: Record<string, (cache: OpenCache) => Promise<void>> = {
  async "the latest quote of each pair and exchange wins"(cache) {
    cache.put("live", [quote({ bid: 1 }), quote({ bid: 2 }), quote({ exchange: "okx", bid: 3 })]);
    cache.put("live", [quote({ symbol: "ETH-USDT", bid: 4 })]);
    await written(cache);
    assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 2);
    assert.equal((await cache.latest("live", "okx", "BTC-USDT"))?.bid, 3);
    assert.equal((await cache.latest("live", "kraken", "ETH-USDT"))?.bid, 4);
  },

  async "a quote can be read at once, before it is written"(cache) {
    const one = quote();
    cache.put("live", [one]);
    assert.deepEqual(await cache.latest("live", "kraken", "BTC-USDT"), one);
    assert.deepEqual(await cache.recent("live", "kraken", "BTC-USDT", 0), [one]);
  },

  async "what is not known is undefined and empty"(cache) {
    await written(cache);
    assert.equal(await cache.latest("live", "kraken", "BTC-USDT"), undefined);
    assert.deepEqual(await cache.recent("live", "kraken", "BTC-USDT", 0), []);
  },

  async "a quote comes back as it was, with what is absent"(cache) {
    const whole = quote();
    const halves = quote({
      exchange: "okx",
      ask: null,
      askSize: null,
      price: null,
      exchangeTime: null,
      fresh: false,
    });
    const priceOnly = quote({
      exchange: "exchange1",
      bid: null,
      bidSize: null,
      ask: null,
      askSize: null,
      price: 1e-9,
    });
    cache.put("live", [whole, halves, priceOnly]);
    await written(cache);
    for (const one of [whole, halves, priceOnly]) {
      assert.deepEqual(await cache.latest("live", one.exchange, "BTC-USDT"), one);
      assert.deepEqual(await cache.recent("live", one.exchange, "BTC-USDT", 0), [one]);
    }
  },

  async "live and test never mix"(cache) {
    cache.put("live", [quote({ bid: 1 })]);
    cache.put("test", [quote({ bid: 2 })]);
    cache.remove("test", [quote()]);
    await written(cache);
    assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 1);
    assert.equal(await cache.latest("test", "kraken", "BTC-USDT"), undefined);
    assert.deepEqual((await cache.recent("test", "kraken", "BTC-USDT", 0)).map(({ bid }) => bid), [2]);
  },

  async "a removed pair has no latest quote, until it has one again; its last minutes stay"(cache) {
    const start = ago(10_000);
    cache.put("live", [quote({ receivedTime: start })]);
    await written(cache);
    cache.remove("live", [quote(), quote({ symbol: "NEVER-SEEN" })]);
    assert.equal(await cache.latest("live", "kraken", "BTC-USDT"), undefined);
    await written(cache);
    assert.equal(await cache.latest("live", "kraken", "BTC-USDT"), undefined);
    assert.equal((await cache.recent("live", "kraken", "BTC-USDT", 0)).length, 1);
    cache.put("live", [quote({ bid: 7, receivedTime: start + 1000 })]);
    await written(cache);
    assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 7);
    assert.equal((await cache.recent("live", "kraken", "BTC-USDT", 0)).length, 2);
  },

  async "recent gives each half second's latest, from since on, oldest first"(cache) {
    const start = ago(20_000);
    // Four quotes a second for ten seconds.
    const all = Array.from({ length: 40 }, (_, n) => quote({ bid: n, receivedTime: start + n * 250 }));
    for (const one of all) cache.put("live", [one]);
    await written(cache);
    const latest = all.filter((_, n) => n % 2 === 1);
    assert.deepEqual(await cache.recent("live", "kraken", "BTC-USDT", start), latest);
    const since = start + 5250;
    assert.deepEqual(
      await cache.recent("live", "kraken", "BTC-USDT", since),
      latest.filter(({ receivedTime }) => receivedTime >= since),
    );
    assert.deepEqual(await cache.recent("live", "kraken", "BTC-USDT", clock.now() + 1000), []);
  },

  async "recent is bounded in number and in age"(cache) {
    const start = ago(RECENT_MS + 60_000);
    const count = (RECENT_MS + 60_000) / 500;
    for (let n = 0; n < count; n++) cache.put("live", [quote({ bid: n, receivedTime: start + n * 500 })]);
    const now = clock.now();
    const found = await cache.recent("live", "kraken", "BTC-USDT", 0);
    assert.ok(found.length <= RECENT_QUOTES && found.length > RECENT_QUOTES / 2, `${found.length}`);
    assert.ok(found[0]!.receivedTime >= now - RECENT_MS);
    assert.equal(found.at(-1)!.bid, count - 1);
  },

  async "a clock that is set back leaves no quotes from the future behind"(cache) {
    const start = ago(60_000);
    for (const at of [0, 10_000, 20_000, 30_000]) cache.put("live", [quote({ receivedTime: start + at })]);
    await written(cache);
    cache.put("live", [quote({ bid: 5, receivedTime: start + 15_000 })]);
    await written(cache);
    assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 5);
    const times = (await cache.recent("live", "kraken", "BTC-USDT", 0)).map((one) =>
      one.receivedTime - start
    );
    assert.deepEqual(times, [0, 10_000, 15_000]);
  },

  async "status counts what is written"(cache) {
    assert.equal(cache.status().written, 0);
    cache.put("live", [quote(), quote({ exchange: "okx" })]);
    const status = await written(cache);
    assert.equal(status.lagMs, null);
    assert.equal(status.error, null);
    await until("both count", () => cache.status().written, (count) => count === 2);
  },

  async "after closing nothing throws"(cache) {
    cache.put("live", [quote()]);
    await cache.close();
    await cache.close();
    cache.put("live", [quote()]);
    cache.remove("live", [quote({ exchange: "okx" })]);
    assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.symbol, "BTC-USDT");
    assert.equal((await cache.recent("live", "kraken", "BTC-USDT", 0)).length, 1);
    cache.status();
  },
};

for (const [sentence, holds] of Object.entries(SENTENCES)) {
  Deno.test(`memory: ${sentence}`, async () => {
    await using cache = open("memory:");
    await holds(cache);
  });
  redisTest(`redis: ${sentence}`, async () => {
    await using server = await RedisServer.start();
    await using cache = open(server.url);
    await holds(cache);
  });
}
