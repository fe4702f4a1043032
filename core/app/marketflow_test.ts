/** The core as one object, with workers that do what the test says. With real workers: tests/core. */
import assert from "node:assert/strict";
import { alive } from "../../tests/core/alive.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { Kept } from "../../tests/core/kept.ts";
import { recordedLog } from "../../tests/core/recorded_log.ts";
import { ScriptedHost, type ScriptedWorker, tickOf } from "../../tests/core/scripted_host.ts";
import { until } from "../../tests/core/until.ts";
import type { OpportunityEvent } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { MarketFlow, type VenuePlan } from "./marketflow.ts";
import { FeedState } from "./telemetry.ts";

const plan = (venue: string, takerFeeBps: number, exchanges = [venue]): VenuePlan => ({
  venue,
  feed: "socket",
  exchanges,
  takerFeeBps,
});

/** Live: okx, kraken, and ndjson with two sources. Test: okx and bybit. Opens at 5, closes below 3. */
function bench(obedient = true) {
  const clock = new ManualClock();
  const host = new ScriptedHost(obedient);
  const kept = new Kept();
  const market = new MarketFlow({
    version: "9.9.9",
    mode: "live",
    symbols: ["BTC-USDT", "ETH-USDT"],
    venues: {
      live: [plan("okx", 10), plan("kraken", 40), plan("ndjson", 0, ["exchange1", "exchange2"])],
      test: [plan("okx", 10), plan("bybit", 10)],
    },
    screener: { minNetBps: 5, hysteresisBps: 2 },
    supervisor: {
      channelCapacity: 16,
      silentAfterMs: 2_000,
      stopWithinMs: 3_000,
      backoffMs: 100,
      maxBackoffMs: 1_000,
    },
    history: { quotes: false, retention: { minutes: 86_400_000 } },
  }, {
    host,
    clock,
    log: recordedLog(),
    ...kept,
    random: () => 0.5,
    unstoppable: () => {},
    memory: () => ({ rssBytes: 3, heapUsedBytes: 2 }),
  });
  const events: OpportunityEvent[] = [];
  market.subscribe((batch) => events.push(...batch));
  const worker = (venue: string): ScriptedWorker => host.live.find((one) => one.spec.venue === venue)!;
  /** Writes a quote and waits until it is in the table. */
  const quote = async (exchange: string, symbol: string, bid: number, ask: number, state: QuoteState = 1) => {
    const one = host.live.find((one) => one.spec.exchanges.some(({ id }) => id === exchange))!;
    const { firstCell } = one.spec.exchanges.find(({ id }) => id === exchange)!;
    one.write(tickOf({
      cell: firstCell + one.spec.symbols.indexOf(symbol),
      bid,
      ask,
      state,
      price: (bid + ask) / 2,
    }));
    await until("the tick is read", () => market.venues().every((venue) => venue.channelDepth === 0));
  };
  return { clock, host, market, events, worker, quote };
}

Deno.test(
  "quotes are found by exchange and symbol, in the order of the exchanges of the mode",
  alive(async () => {
    const { market, quote } = bench();
    market.start();
    assert.deepEqual(market.exchanges, ["okx", "kraken", "exchange1", "exchange2"]);
    await quote("exchange2", "ETH-USDT", 10, 11);
    await quote("okx", "ETH-USDT", 9, 11);
    await quote("kraken", "BTC-USDT", 99, 101);
    assert.deepEqual(market.quotes("ETH-USDT").map((one) => [one.exchange, one.bid]), [
      ["okx", 9],
      ["exchange2", 10],
    ]);
    assert.equal(market.quote("kraken", "BTC-USDT")?.price, 100);
    assert.equal(market.quote("kraken", "ETH-USDT"), undefined);
    assert.equal(market.quote("nowhere", "ETH-USDT"), undefined);
    assert.equal(market.quote("kraken", "NO-PE"), undefined);
    assert.deepEqual(market.quotes("NO-PE"), []);
    assert.equal(market.resolveSymbol("btc/usdt"), "BTC-USDT");
    await market.stop();
  }),
);

Deno.test(
  "opportunities are filtered and come best first, as copies",
  alive(async () => {
    const { market, quote } = bench();
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    await quote("exchange1", "BTC-USDT", 101, 102);
    await quote("exchange2", "BTC-USDT", 102, 103);
    await quote("okx", "ETH-USDT", 9, 10);
    await quote("exchange1", "ETH-USDT", 10.5, 11);
    const routes = (filter?: Parameters<typeof market.opportunities>[0]) =>
      market.opportunities(filter).map((one) => `${one.symbol} ${one.buyExchange}>${one.sellExchange}`);
    assert.deepEqual(routes(), [
      "ETH-USDT okx>exchange1",
      "BTC-USDT okx>exchange2",
      "BTC-USDT okx>exchange1",
    ]);
    assert.deepEqual(routes({ symbol: "BTC-USDT", limit: 1 }), ["BTC-USDT okx>exchange2"]);
    assert.deepEqual(routes({ exchange: "exchange1" }), ["ETH-USDT okx>exchange1", "BTC-USDT okx>exchange1"]);
    assert.deepEqual(routes({ exchange: "okx", minNetBps: 150 }), [
      "ETH-USDT okx>exchange1",
      "BTC-USDT okx>exchange2",
    ]);
    assert.deepEqual(routes({ symbol: "NO-PE" }), []);
    assert.deepEqual(routes({ limit: 0 }), []);
    const [one] = market.opportunities();
    one!.netBps = 1e9;
    assert.notEqual(market.opportunities()[0]!.netBps, 1e9);
    await market.stop();
  }),
);

Deno.test(
  "snapshot and the events after its sequence number lead to what is open now",
  alive(async () => {
    const { market, quote, events } = bench();
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    await quote("exchange1", "BTC-USDT", 101, 102);
    const open = new Map(market.opportunities().map((one) => [one.id, one]));
    const { sequence } = market;
    await quote("exchange2", "BTC-USDT", 102, 103);
    await quote("exchange1", "BTC-USDT", 98, 102);
    for (const { sequence: at, kind, opportunity } of events) {
      if (at <= sequence) continue;
      if (kind === "closed") open.delete(opportunity.id);
      else open.set(opportunity.id, opportunity);
    }
    assert.deepEqual([...open.values()], market.opportunities());
    assert.equal(market.sequence, events.at(-1)!.sequence);
    await market.stop();
  }),
);

Deno.test(
  "switching the mode empties the table, closes with mode_switch, and other exchanges count",
  alive(async () => {
    const { market, quote, events, host } = bench();
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    await quote("exchange1", "BTC-USDT", 101, 102);
    const switching = market.switchMode("test");
    assert.deepEqual(market.quotes("BTC-USDT"), []);
    assert.deepEqual(market.opportunities(), []);
    assert.equal(market.modeStatus().switching, true);
    await switching;
    assert.deepEqual(events.at(-1), {
      ...events.at(-1)!,
      kind: "closed",
      opportunity: { ...events.at(-1)!.opportunity, reason: "mode_switch" },
    });
    assert.deepEqual(market.exchanges, ["okx", "bybit"]);
    assert.deepEqual(host.live.map((one) => one.spec.venue), ["okx", "bybit"]);
    await quote("bybit", "BTC-USDT", 99, 100);
    assert.deepEqual(market.quotes("BTC-USDT").map((one) => one.exchange), ["bybit"]);
    await market.stop();
  }),
);

Deno.test(
  "worker that was let go and still writes reaches the table no more",
  alive(async () => {
    const { market, host, quote } = bench(false);
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    const [okx] = host.live;
    const switching = market.switchMode("test");
    okx!.write(tickOf({ cell: 0 }));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(market.quote("okx", "BTC-USDT"), undefined);
    for (const worker of host.live) worker.end();
    await switching;
    // In the new mode the same exchange has the same cells.
    okx!.write(tickOf({ cell: 0 }));
    await quote("bybit", "BTC-USDT", 99, 100);
    assert.equal(market.quote("okx", "BTC-USDT"), undefined);
    const stopped = market.stop();
    for (const worker of host.live) worker.end();
    await stopped;
  }),
);

Deno.test(
  "health goes from starting over degraded to ok, and down when all is lost",
  alive(async () => {
    const { market, quote, worker, clock } = bench();
    market.start();
    assert.equal(market.health().status, "starting");
    for (const venue of ["okx", "kraken", "ndjson"]) worker(venue).ready();
    await quote("okx", "BTC-USDT", 99, 100);
    assert.equal(market.health().status, "degraded");
    await quote("kraken", "BTC-USDT", 99, 100);
    await quote("exchange2", "BTC-USDT", 99, 100);
    assert.equal(market.health().status, "degraded");
    assert.deepEqual(market.health().problems, ["Exchange exchange1 of venue ndjson has no fresh quote"]);
    await quote("exchange1", "BTC-USDT", 99, 100);
    assert.deepEqual([market.health().status, market.health().problems], ["ok", []]);

    worker("okx").telemetry.feedState = FeedState.silent;
    await quote("okx", "BTC-USDT", 99, 100, QuoteState.stale);
    assert.equal(market.health().status, "degraded");
    assert.deepEqual(market.health().problems, ["Venue okx is silent"]);
    for (const venue of ["okx", "kraken", "ndjson"]) worker(venue).end("boom");
    assert.equal(market.health().status, "starting", "it has only just begun");
    await clock.pause(15_000);
    assert.equal(market.health().status, "down");
    await market.stop();
  }),
);

Deno.test(
  "every venue down for a while is down, and each says why",
  alive(async () => {
    const { market, clock, host } = bench();
    market.start();
    for (let at = 0; at < 200; at++) {
      for (const worker of host.live) worker.end("Connection refused");
      await clock.advance(100);
    }
    const { status, problems, venues } = market.health();
    assert.equal(status, "down");
    assert.equal(problems.length, 3);
    for (const venue of venues) {
      assert.equal(venue.lastError, "Connection refused");
      assert.ok(venue.restarts > 5);
      assert.deepEqual([venue.connected, venue.quotes, venue.freshQuotes], [false, 0, 0]);
    }
    await market.stop();
  }),
);

Deno.test(
  "venues tell what their workers count, and ndjson counts the quotes of all its sources",
  alive(async () => {
    const { market, quote, worker, clock } = bench();
    market.start();
    worker("ndjson").ready();
    Object.assign(worker("ndjson").telemetry, {
      frames: 12,
      bytes: 345,
      malformed: 1,
      gaps: 2,
      conflated: 3,
      reconnects: 4,
      instruments: 2,
      lastFrameTime: clock.now() - 250,
    });
    await quote("exchange1", "BTC-USDT", 99, 100);
    await quote("exchange2", "BTC-USDT", 99, 100);
    await quote("exchange2", "ETH-USDT", 9, 10, QuoteState.stale);
    const [okx, , ndjson] = market.venues();
    assert.deepEqual(ndjson, {
      id: "ndjson",
      exchanges: ["exchange1", "exchange2"],
      quietExchanges: [],
      state: "connected",
      connected: true,
      takerFeeBps: 0,
      instruments: 2,
      quotes: 3,
      freshQuotes: 2,
      lastFrameAgeMs: 250,
      frames: 12,
      bytes: 345,
      malformed: 1,
      gaps: 2,
      conflated: 3,
      channelDepth: 0,
      reconnects: 4,
      restarts: 0,
      lastError: null,
    });
    assert.deepEqual([okx!.state, okx!.lastFrameAgeMs, okx!.takerFeeBps], ["starting", null, 10]);
    await market.stop();
  }),
);

Deno.test(
  "health tells version, uptime, memory and what became of opportunities",
  alive(async () => {
    const { market, quote, clock } = bench();
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    await quote("exchange1", "BTC-USDT", 101, 102);
    await quote("exchange1", "BTC-USDT", 100, 102);
    await quote("exchange1", "BTC-USDT", 101, 102);
    await clock.pause(1_234);
    const { version, uptimeMs, memory, opportunities, mode } = market.health();
    assert.deepEqual([version, uptimeMs, memory, mode], [
      "9.9.9",
      1_234,
      { rssBytes: 3, heapUsedBytes: 2 },
      "live",
    ]);
    assert.deepEqual([opportunities.open, opportunities.opened, opportunities.closed], [1, 2, {
      below_threshold: 1,
    }]);
    await market.stop();
  }),
);

Deno.test(
  "stopping closes all as a shutdown and leaves no worker and no timer",
  alive(async () => {
    const { market, quote, events, host, clock } = bench();
    market.start();
    await quote("okx", "BTC-USDT", 99, 100);
    await quote("exchange1", "BTC-USDT", 101, 102);
    await market.stop();
    const last = events.at(-1)!;
    assert.ok(last.kind === "closed" && last.opportunity.reason === "shutdown");
    assert.deepEqual([host.live.length, clock.pending], [0, 0]);
  }),
);
