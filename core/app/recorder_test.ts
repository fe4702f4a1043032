/** What a market with workers of the test hands over: minutes, episodes, quotes and raw ticks. */
import assert from "node:assert/strict";
import { alive } from "../../tests/core/alive.ts";
import { Kept } from "../../tests/core/kept.ts";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { recordedLog } from "../../tests/core/recorded_log.ts";
import { ScriptedHost, tickOf } from "../../tests/core/scripted_host.ts";
import { until } from "../../tests/core/until.ts";
import { QuoteState } from "../domain/quote.ts";
import { SlotWriter } from "../stats/slots.ts";
import { Row } from "./channel.ts";
import { MarketFlow, type VenuePlan } from "./marketflow.ts";

const plan = (venue: string, takerFeeBps: number): VenuePlan => ({
  venue,
  feed: "socket",
  exchanges: [venue],
  takerFeeBps,
});

/** The begin of a minute. */
const START = 1_700_000_040_000;

/** Test mode has the exchange `okx` of live mode, too. */
function bench(quotes = false) {
  const clock = new ManualClock(START);
  const host = new ScriptedHost(true);
  const kept = new Kept();
  const market = new MarketFlow({
    version: "1",
    mode: "live",
    symbols: ["BTC-USDT", "ETH-USDT"],
    venues: { live: [plan("okx", 10), plan("kraken", 40)], test: [plan("okx", 10)] },
    screener: { minNetBps: 5, hysteresisBps: 2 },
    supervisor: {
      channelCapacity: 64,
      silentAfterMs: 3_600_000,
      stopWithinMs: 3_000,
      backoffMs: 100,
      maxBackoffMs: 1_000,
    },
    history: { quotes, retention: { minutes: 86_400_000 } },
  }, {
    host,
    clock,
    log: recordedLog(),
    ...kept,
    random: () => 0.5,
    unstoppable: () => {},
    memory: () => ({ rssBytes: 0, heapUsedBytes: 0 }),
  });
  /** As a worker does it: into the statistics and into the channel. Waits until the table has it. */
  const quote = async (exchange: string, bid: number, ask: number) => {
    const worker = host.live.find((one) => one.spec.venue === exchange)!;
    const { spec } = worker;
    const cell = spec.exchanges[0]!.firstCell;
    const slots = new SlotWriter(spec.slots);
    const price = (bid + ask) / 2;
    const gone = Number.isNaN(price);
    if (gone) slots.end(cell, clock.now());
    else slots.tick(cell, price, bid, ask, clock.now());
    const state = gone ? QuoteState.withdrawn : QuoteState.fresh;
    worker
      .write(tickOf({ cell, bid, ask, price, state, receivedTime: clock.now() }));
    await until("it is in the table", () => {
      const seen = market.quote(exchange, "BTC-USDT");
      return gone ? seen === undefined : seen?.bid === bid && seen.ask === ask;
    });
  };
  return { market, kept, clock, quote };
}

Deno.test(
  "closed minutes are handed over with the mode they belong to",
  alive(async () => {
    const { market, kept, clock, quote } = bench();
    market.start();
    await quote("okx", 100, 102);
    await clock.advance(30_000);
    await quote("okx", 104, 106);
    await market.switchMode("test");
    await quote("okx", 9, 11);
    await clock.advance(33_000);
    assert.deepEqual(
      kept.minutes.map((bar) => [bar.mode, bar.exchange, bar.symbol, bar.timestamp - START]),
      [["live", "okx", "BTC-USDT", 0], ["test", "okx", "BTC-USDT", 0]],
    );
    const [live, test] = kept.minutes;
    assert.deepEqual([live!.minPrice, live!.maxPrice, live!.samples, live!.freshMs], [101, 105, 2, 30_000]);
    assert.deepEqual([test!.averagePrice, test!.samples, test!.freshMs], [10, 1, 30_000]);
    await market.stop();
    assert.deepEqual(kept.minutes.at(-1)!.timestamp - START, 60_000);
    assert.deepEqual(kept.open, kept.minutes.slice(-1));
  }),
);

Deno.test(
  "finished episodes are handed over with their costs, and those that a stop ends as well",
  alive(async () => {
    const { market, kept, clock, quote } = bench();
    market.start();
    await quote("okx", 99, 100);
    await quote("kraken", 101, 102);
    await clock.advance(500);
    await quote("kraken", 103, 104);
    await clock.advance(500);
    await quote("kraken", 90, 91);
    assert.equal(kept.episodes.length, 1);
    const { id, mode, symbol, buyExchange, sellExchange, buyFeeBps, sellFeeBps, reason, ...moments } = kept
      .episodes[0]!;
    assert.deepEqual([mode, symbol, buyExchange, sellExchange, buyFeeBps, sellFeeBps, reason], [
      "live",
      "BTC-USDT",
      "okx",
      "kraken",
      10,
      40,
      "below_threshold",
    ]);
    const { start, peak, end } = moments;
    assert.deepEqual([start.time, peak.time, end.time].map((time) => time - START), [0, 500, 1000]);
    assert.deepEqual([start.sellPrice, peak.sellPrice, end.sellPrice], [101, 103, 103]);
    assert.ok(id.length > 0);
    await quote("kraken", 101, 102);
    await market.stop();
    assert.equal(kept.episodes.at(-1)!.reason, "shutdown");
  }),
);

Deno.test(
  "cache gets what changed, and loses what is gone, in the mode it was in",
  alive(async () => {
    const { market, kept, clock, quote } = bench();
    market.start();
    await quote("okx", 100, 102);
    await quote("kraken", 100, 103);
    await clock.advance(200);
    assert.deepEqual([...kept.latest.keys()].sort(), ["live kraken BTC-USDT", "live okx BTC-USDT"]);
    assert.equal(kept.latest.get("live kraken BTC-USDT")!.ask, 103);
    await quote("kraken", NaN, NaN);
    await clock.advance(200);
    assert.deepEqual([...kept.latest.keys()], ["live okx BTC-USDT"]);
    await market.switchMode("test");
    assert.deepEqual([...kept.latest.keys()], []);
    await quote("okx", 9, 11);
    await clock.advance(200);
    assert.deepEqual([...kept.latest.keys()], ["test okx BTC-USDT"]);
    await market.stop();
  }),
);

Deno.test(
  "raw ticks are handed over only where they are asked for, each once",
  alive(async () => {
    for (const asked of [false, true]) {
      const { market, kept, clock, quote } = bench(asked);
      market.start();
      for (let at = 0; at < 9; at++) {
        await quote("okx", 100 + at, 102 + at);
        if (at % 4 === 3) await clock.advance(100);
      }
      await market.switchMode("test");
      await quote("okx", 9, 11);
      await market.stop();
      const bids = kept.rows.map(({ mode, rows }) => [mode, ...everyNth(rows, Row.bid)]);
      assert.deepEqual(
        bids,
        asked ? [["live", 100, 101, 102, 103], ["live", 104, 105, 106, 107], ["live", 108], ["test", 9]] : [],
      );
    }
  }),
);

function everyNth(rows: Float64Array, word: number): number[] {
  return Array.from({ length: rows.length / Row.WORDS }, (_, at) => rows[at * Row.WORDS + word]!);
}

Deno.test(
  "a history that is known to be gone is not asked: the answer comes at once",
  alive(async () => {
    const { market, kept } = bench();
    market.start();
    kept.status.history = { ...kept.status.history, state: "unreachable", error: "Connection refused" };
    await assert.rejects(Array.fromAsync(market.episodes({})), {
      name: "HistoryError",
      message: "Connection refused",
    });
    const range = { symbol: "BTC-USDT", from: 0, to: START } as const;
    await assert.rejects(Array.fromAsync(market.bars({ ...range, interval: "1d" })), {
      name: "HistoryError",
    });
    await market.stop();
  }),
);
