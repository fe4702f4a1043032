/**
 * How many quotes a second go through the price cache into Redis, on one connection, against what redis-benchmark does
 * with the same HSET on one connection. The cache does more: it keeps each quote in memory, conflates, sets times to
 * live, and writes the stream of the last minutes.
 */
import process from "node:process";
import { systemClock } from "../../adapters/clock/system.ts";
import { openCache } from "../../adapters/cache/open.ts";
import { hset, priceKey } from "../../adapters/redis/fields.ts";
import type { Quote } from "../../core/domain/quote.ts";
import type { PriceCache } from "../../core/ports/cache.ts";
import { present, RedisServer } from "../../tests/cache/redis_server.ts";
import { recordedLog } from "../../tests/core/recorded_log.ts";
import { progress, type Report } from "../harness/report.ts";
import { median, seeded } from "../harness/stats.ts";

const PAIRS = 5000;
/** redis-benchmark puts twelve digits where it is to take a key at random; ours are as long. */
const DIGITS = 12;
const SYMBOLS = Array.from({ length: PAIRS }, (_, n) => `S${String(n).padStart(DIGITS, "0")}-USDT`);
const PIPELINES = [100, 1000];
const GOAL = 0.4;

export async function cacheWrites(options: { rounds: number; roundMs: number }): Promise<Report> {
  const title = "Price cache: quotes a second into Redis on one connection";
  if (!present) {
    return { title, rows: [], goals: [], violations: [], notes: ["Left out: redis-server is not installed"] };
  }
  await using server = await RedisServer.start();
  const ours: { rate: number; micros: number }[] = [];
  const limits = PIPELINES.map((): number[] => []);
  const violations: string[] = [];
  for (let round = 0; round < options.rounds; round++) {
    progress(`Round ${round + 1} of ${options.rounds}`);
    for (const [n, pipeline] of PIPELINES.entries()) {
      await server.cli("FLUSHALL");
      limits[n]!.push(await redisBenchmark(server, pipeline, options.roundMs));
    }
    await server.cli("FLUSHALL");
    ours.push(await cacheRound(server, options.roundMs, round, violations));
  }
  const rate = median(ours.map((one) => one.rate));
  const fastest = limits.map(median);
  return {
    title,
    rows: [
      ...PIPELINES.map((pipeline, n) => ({
        what: `redis-benchmark -c 1 -P ${pipeline}, HSET`,
        "quotes/s": fastest[n]!,
        "ratio": rate / fastest[n]!,
        "µs of our processor": "",
      })),
      {
        what: "cache: memory, HSET, PEXPIRE, XADD",
        "quotes/s": rate,
        "ratio": 1,
        "µs of our processor": median(ours.map((one) => one.micros)),
      },
    ],
    goals: PIPELINES.map((pipeline, n) => ({
      what: `Cache against redis-benchmark -P ${pipeline}`,
      value: rate / fastest[n]!,
      sense: "above",
      goal: GOAL,
    })),
    violations,
    notes: [
      `Medians of ${options.rounds} rounds, ${PAIRS.toLocaleString("en-US")} pairs, all ten fields; ` +
      "the server and whoever loads it share the machine",
    ],
  };
}

/** Puts quotes as fast as they are written. */
async function cacheRound(server: RedisServer, roundMs: number, round: number, violations: string[]) {
  const ports = { clock: systemClock, log: recordedLog(), random: seeded(round + 1) };
  const cache = openCache({ url: server.url, ttlMs: 60_000 }, ports);
  await feed(cache, roundMs / 4);
  const [before, cpuBefore, startedAt] = [cache.status().written, cpuMicros(), performance.now()];
  const last = await feed(cache, roundMs);
  const [count, cpu, ms] = [
    cache.status().written - before,
    cpuMicros() - cpuBefore,
    performance.now() - startedAt,
  ];
  const wrong = await differences(server, last);
  if (wrong > 0) violations.push(`${wrong} of ${PAIRS} pairs in Redis are not what was put last`);
  if (cache.status().state !== "ok") violations.push(`The cache gave up: ${cache.status().error}`);
  await cache.close();
  return { rate: count / ms * 1000, micros: cpu / count };
}

/** Changes every pair whenever the changes before are on their way. Returns the last ones, when they are written. */
async function feed(cache: PriceCache, forMs: number): Promise<Quote[]> {
  const until = performance.now() + forMs;
  let quotes: Quote[] = [];
  for (let n = 0; performance.now() < until; n++) {
    const now = systemClock.now();
    quotes = SYMBOLS.map((symbol) => quoteOf(symbol, n, now));
    cache.put("live", quotes);
    while (cache.status().pending > PAIRS / 2) await systemClock.turn(1);
  }
  while (cache.status().pending > 0) await systemClock.turn(1);
  return quotes;
}

function quoteOf(symbol: string, n: number, now: number): Quote {
  const bid = 64_000.1 + (n % 1000) / 100;
  return {
    exchange: "kraken",
    symbol,
    bid,
    bidSize: 1.51234567,
    ask: bid + 0.5,
    askSize: 0.00012345,
    price: bid + 0.25,
    exchangeTime: now - 3,
    receivedTime: now,
    fresh: true,
  };
}

/** How many pairs have another hash than their quote. */
async function differences(server: RedisServer, quotes: readonly Quote[]): Promise<number> {
  let wrong = 0;
  for (let n = 0; n < quotes.length; n += Math.ceil(quotes.length / 50)) {
    const quote = quotes[n]!;
    const [, key, ...fields] = hset(priceKey("live", quote.exchange, quote.symbol), quote);
    const hash = await server.hash(key!);
    for (let at = 0; at < fields.length; at += 2) {
      if (hash[fields[at]!] !== fields[at + 1]) {
        wrong++;
        break;
      }
    }
  }
  return wrong;
}

/** HSETs a second of redis-benchmark on the same fields, values as long, and as many keys. */
async function redisBenchmark(server: RedisServer, pipeline: number, roundMs: number): Promise<number> {
  const command = hset(
    priceKey("live", "kraken", `S${"_".repeat(DIGITS)}-USDT`),
    quoteOf(`S${"_".repeat(DIGITS)}-USDT`, 7, systemClock.now()),
  )
    .map((word) => word.replace(`S${"_".repeat(DIGITS)}`, "S__rand_int__"));
  // About as long as ours.
  const requests = Math.max(50_000, Math.round(roundMs * 200));
  const args = ["-p", String(server.port), "-c", "1", "-P", String(pipeline), "-n", String(requests)];
  const { stdout } = await new Deno.Command("redis-benchmark", {
    args: [...args, "-r", String(PAIRS), "--csv", ...command],
    stdin: "null",
  }).output();
  // "test","rps",…
  const rate = Number(/","([\d.]+)"/.exec(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!)?.[1]);
  if (!(rate > 0)) throw new Error("redis-benchmark did not say how fast it was");
  return rate;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
