/** The core with a venue of pools beside books, with workers that do what the test says. */
import assert from "node:assert/strict";
import { alive } from "../../tests/core/alive.ts";
import { Kept } from "../../tests/core/kept.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { aPool, poolsOf } from "../../tests/core/pools.ts";
import { recordedLog } from "../../tests/core/recorded_log.ts";
import { ScriptedHost, tickOf } from "../../tests/core/scripted_host.ts";
import { until } from "../../tests/core/until.ts";
import type { OpportunityEvent } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { MarketFlow, type VenuePlan } from "./marketflow.ts";

const SYMBOLS = ["ETH-USDT", "WBTC-USDT"];
const book = (venue: string): VenuePlan => ({ venue, feed: "socket", exchanges: [venue], takerFeeBps: 0 });
const pools = (venue: string): VenuePlan => ({ ...book(venue), feed: "pools", pools: poolsOf() });

/** Live: okx and the pools of uniswap. Test: the same two as books. */
function bench(live = [book("okx"), pools("uniswap")]) {
  const clock = new ManualClock();
  const host = new ScriptedHost();
  const market = new MarketFlow({
    version: "9.9.9",
    mode: "live",
    symbols: SYMBOLS,
    venues: { live, test: [book("uniswap"), book("okx")] },
    screener: { minNetBps: 5, hysteresisBps: 2 },
    supervisor: {
      channelCapacity: 16,
      silentAfterMs: 60_000,
      stopWithinMs: 3_000,
      backoffMs: 100,
      maxBackoffMs: 1_000,
    },
    history: { quotes: false, retention: { minutes: 86_400_000 } },
  }, {
    host,
    clock,
    log: recordedLog(),
    ...new Kept(),
    random: () => 0.5,
    unstoppable: () => {},
    memory: () => ({ rssBytes: 3, heapUsedBytes: 2 }),
  });
  const events: OpportunityEvent[] = [];
  market.subscribe((batch) => events.push(...batch));
  const worker = (venue: string) => host.live.find((one) => one.spec.venue === venue)!;
  const cell = (venue: string, symbol: string) =>
    worker(venue).spec.exchanges[0]!.firstCell + SYMBOLS.indexOf(symbol);
  const read = () =>
    until("the ticks are read", () => market.venues().every((one) => one.channelDepth === 0));
  const quote = (venue: string, symbol: string, bid: number, ask: number) => {
    worker(venue).write(tickOf({ cell: cell(venue, symbol), bid, ask, price: (bid + ask) / 2 }));
    return read();
  };
  const quotePool = (symbol: string, pool = aPool(), state: QuoteState = QuoteState.fresh) => {
    worker("uniswap").quotePool(cell("uniswap", symbol), pool, state);
    return read();
  };
  const told = () =>
    events.splice(0).map(({ kind, opportunity: one }) => {
      const route = `${one.symbol} ${one.buyExchange}>${one.sellExchange}`;
      return kind === "closed" ? `closed ${route} ${one.reason}` : `${kind} ${route}`;
    });
  return { clock, host, market, worker, quote, quotePool, told };
}

Deno.test(
  "pool and book meet: gas is priced by the table, and the quote tells which pool it is",
  alive(async () => {
    const { market, quote, quotePool, told } = bench();
    market.start();
    await quotePool("WBTC-USDT");
    await quote("okx", "WBTC-USDT", 103, 104);
    assert.deepEqual(told(), []);
    assert.equal(market.health().opportunities.refused.gas_unknown, 1);
    await quote("okx", "ETH-USDT", 499, 501);
    assert.deepEqual(told(), ["opportunity WBTC-USDT uniswap>okx"]);
    const [one] = market.opportunities();
    assert.deepEqual([one!.gasQuote, one!.sizeBase, one!.buyPrice], [1, 1, 101]);
    const { address, feePpm, blockNumber, blockTime } = aPool();
    assert.deepEqual(market.quote("uniswap", "WBTC-USDT")?.pool, { address, feePpm, blockNumber, blockTime });
    assert.equal(market.quote("okx", "WBTC-USDT")?.pool, undefined);
    await quotePool("WBTC-USDT", aPool(), QuoteState.stale);
    assert.deepEqual(told(), ["closed WBTC-USDT uniswap>okx leg_stale"]);
    assert.deepEqual(market.quote("uniswap", "WBTC-USDT")?.pool?.blockNumber, 1);
    await market.stop();
  }),
);

Deno.test(
  "worker of the pools is lost: what it published counts no more, and the next one goes on in the same memory",
  alive(async () => {
    const { clock, market, worker, quote, quotePool, told } = bench();
    market.start();
    await quote("okx", "ETH-USDT", 499, 501);
    await quotePool("WBTC-USDT");
    await quote("okx", "WBTC-USDT", 103, 104);
    assert.deepEqual(told(), ["opportunity WBTC-USDT uniswap>okx"]);
    worker("uniswap").end("boom");
    assert.deepEqual(told(), ["closed WBTC-USDT uniswap>okx worker_down"]);
    await quote("okx", "WBTC-USDT", 104, 105);
    assert.equal(market.quote("uniswap", "WBTC-USDT"), undefined);
    await clock.advance(150);
    // It publishes one of its pools; the other cell still has the ladders of the worker before.
    await quotePool("ETH-USDT", aPool({ blockNumber: 9, mid: 500 }));
    assert.deepEqual(told().filter((one) => one.includes("WBTC")), []);
    await quotePool("WBTC-USDT", aPool({ blockNumber: 9 }));
    assert.deepEqual(told(), ["opportunity WBTC-USDT uniswap>okx"]);
    await market.stop();
  }),
);

Deno.test(
  "modes are switched: in the other one the same exchange is a book, and back again a pool of a new worker",
  alive(async () => {
    const { market, quote, quotePool, told } = bench();
    market.start();
    await quote("okx", "ETH-USDT", 499, 501);
    await quotePool("WBTC-USDT");
    await quote("okx", "WBTC-USDT", 103, 104);
    await market.switchMode("test");
    assert.deepEqual(told(), [
      "opportunity WBTC-USDT uniswap>okx",
      "closed WBTC-USDT uniswap>okx mode_switch",
    ]);
    await quote("uniswap", "WBTC-USDT", 100, 101);
    await quote("okx", "WBTC-USDT", 103, 104);
    assert.deepEqual(told(), ["opportunity WBTC-USDT uniswap>okx"]);
    assert.equal(market.opportunities()[0]!.gasQuote, 0);
    assert.equal(market.quote("uniswap", "WBTC-USDT")!.pool, undefined);
    await market.switchMode("live");
    await quote("okx", "ETH-USDT", 499, 501);
    await quote("okx", "WBTC-USDT", 103, 104);
    await quotePool("WBTC-USDT", aPool({ blockNumber: 30 }));
    assert.equal(market.opportunities()[0]!.gasQuote, 1);
    assert.equal(market.quote("uniswap", "WBTC-USDT")!.pool!.blockNumber, 30);
    await market.stop();
  }),
);

Deno.test(
  "program that has nothing but a chain may wait for some blocks before it is down",
  alive(async () => {
    const { clock, market, worker, quotePool } = bench([pools("uniswap")]);
    market.start();
    worker("uniswap").ready();
    await clock.pause(35_999);
    assert.equal(market.health().status, "starting");
    await clock.pause(1);
    assert.equal(market.health().status, "down");
    await quotePool("ETH-USDT");
    assert.deepEqual([market.health().status, market.health().problems], ["ok", []]);
    // What the next block will say is not late yet.
    worker("uniswap").telemetry.lastFrameTime = clock.now();
    await clock.pause(11_000);
    assert.equal(market.venues()[0]!.lastFrameAgeMs, 11_000);
    assert.equal(market.health().status, "ok");
    await market.stop();
  }),
);
