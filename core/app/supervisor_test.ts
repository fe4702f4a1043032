/** The supervisor on a clock that stands still. Real workers, also such that cannot be ended: tests/core. */
import assert from "node:assert/strict";
import { ManualClock, settled } from "../../tests/core/manual_clock.ts";
import { type LogRecord, recordedLog } from "../../tests/core/recorded_log.ts";
import { ScriptedHost, tickOf } from "../../tests/core/scripted_host.ts";
import { QuoteTable } from "../screener/quote_table.ts";
import { Screener } from "../screener/screener.ts";
import { Orchestrator } from "./orchestrator.ts";
import { Supervisor } from "./supervisor.ts";
import { aPool, poolsOf } from "../../tests/core/pools.ts";

const SETTINGS = {
  channelCapacity: 16,
  slotMs: 1000,
  silentAfterMs: 2_000,
  stopWithinMs: 3_000,
  backoffMs: 100,
  maxBackoffMs: 1_000,
};

/** The worker of exchange `q`, which is second of three. `random` is 0.5: delays are in the middle of what they may be. */
function bench(obedient = true) {
  const clock = new ManualClock();
  const table = new QuoteTable(["p", "q", "r"], ["A-B", "C-D"]);
  const screener = new Screener(table, { minNetBps: 10, hysteresisBps: 0, takerFeeBps: [0, 0, 0] }, "run");
  const orchestrator = new Orchestrator(table, screener, clock);
  const host = new ScriptedHost(obedient);
  const records: LogRecord[] = [];
  const unstoppable: string[] = [];
  const supervisor = new Supervisor(
    { venue: "q", feed: "socket", exchanges: [{ id: "q", firstCell: 2 }], symbols: table.symbols },
    SETTINGS,
    {
      host,
      clock,
      orchestrator,
      log: recordedLog(records),
      random: () => 0.5,
      unstoppable: (venue) => unstoppable.push(venue),
    },
  );
  /** Puts a quote into the table as if it had been read from a channel. */
  const quote = (cell: number, bid: number, ask: number) => {
    table.bid[cell] = bid;
    table.ask[cell] = ask;
    table.bidSize[cell] = table.askSize[cell] = table.state[cell] = 1;
    screener.changed(cell, clock.now());
  };
  const reasons = () => screener.episodes.counts.closed;
  return { clock, table, orchestrator, host, records, unstoppable, supervisor, quote, reasons };
}

/** Runs `ms` with a heartbeat every 100 ms. */
async function live(clock: ManualClock, host: ScriptedHost, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    host.last.telemetry.heartbeat++;
    await clock.advance(100);
  }
}

Deno.test("worker gets the plan, a channel of its own cells, and counters", () => {
  const { host, supervisor } = bench();
  assert.equal(supervisor.state, "idle");
  supervisor.start();
  const { spec } = host.last;
  assert.deepEqual(
    [spec.venue, spec.feed, spec.exchanges, spec.symbols],
    ["q", "socket", [{ id: "q", firstCell: 2 }], ["A-B", "C-D"]],
  );
  assert.deepEqual([spec.channel.firstCell, spec.channel.cells, spec.channel.capacity], [2, 2, 16]);
  assert.equal(supervisor.state, "starting");
  host.last.ready();
  assert.equal(supervisor.state, "running");
  host.last.telemetry.frames = 7;
  assert.equal(supervisor.telemetry.frames, 7);
  host.last.write(tickOf({ cell: 2 }));
  assert.equal(supervisor.channelDepth, 1);
});

Deno.test("worker with a heartbeat is left alone", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  host.last.ready();
  await live(clock, host, 120_000);
  assert.equal(host.workers.length, 1);
  assert.equal(host.last.stops, 0);
  assert.equal(supervisor.restarts, 0);
});

Deno.test("worker that ends is started again, and its quotes leave the table at once", async () => {
  const { clock, host, supervisor, table, quote, reasons } = bench();
  supervisor.start();
  host.last.ready();
  quote(0, 99, 100);
  quote(2, 101, 102);
  quote(4, 100, 102);
  host.last.end("Uncaught Error: boom");
  assert.deepEqual(reasons(), { worker_down: 1 });
  assert.deepEqual(table.count(2, 2), { quotes: 0, freshQuotes: 0 });
  assert.deepEqual([table.count(0, 2).quotes, table.count(4, 2).quotes], [1, 1], "the others do not notice");
  assert.equal(supervisor.state, "backoff");
  assert.equal(supervisor.lastError, "Uncaught Error: boom");
  assert.equal(supervisor.restarts, 1);
  await clock.advance(150);
  assert.equal(host.workers.length, 2);
  assert.equal(supervisor.state, "starting");
  assert.notEqual(host.workers[0]!.spec.channel.rows, host.last.spec.channel.rows);
  assert.notEqual(host.workers[0]!.spec.telemetry, host.last.spec.telemetry);
});

Deno.test("worker that ends by itself without an error is started again, too", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  host.last.end();
  assert.equal(supervisor.lastError, "Worker ended by itself");
  await clock.advance(150);
  assert.equal(host.workers.length, 2);
});

Deno.test("backoff doubles with each failure, has jitter and a maximum", async () => {
  const { clock, host, supervisor, records } = bench();
  supervisor.start();
  for (let failure = 0; failure < 7; failure++) {
    host.last.end("boom");
    await clock.advance(1_000);
  }
  const delays = records.filter((one) => one.message === "Worker restarts").map((one) => one.fields.delayMs);
  assert.deepEqual(delays, [150, 250, 450, 550, 550, 550, 550]);
  assert.equal(supervisor.restarts, 7);
  assert.equal(host.workers.length, 8);
});

Deno.test("restart waits for its delay, not less", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  host.last.end("boom");
  await clock.advance(149);
  assert.equal(host.workers.length, 1);
  await clock.advance(1);
  assert.equal(host.workers.length, 2);
});

Deno.test("worker that ran for a minute begins its backoff anew", async () => {
  const { clock, host, supervisor, records } = bench();
  supervisor.start();
  for (let failure = 0; failure < 3; failure++) {
    host.last.end("boom");
    await clock.advance(1_000);
  }
  await live(clock, host, 60_100);
  host.last.end("boom");
  const delays = records.filter((one) => one.message === "Worker restarts").map((one) => one.fields.delayMs);
  assert.deepEqual(delays, [150, 250, 450, 150]);
});

Deno.test("worker whose heartbeat stands still is let go at once, asked to end, and started again", async () => {
  const { clock, host, supervisor, quote, reasons, unstoppable, table } = bench();
  supervisor.start();
  host.last.ready();
  await live(clock, host, 1_000);
  quote(0, 99, 100);
  quote(2, 101, 102);
  await clock.advance(SETTINGS.silentAfterMs - 600);
  assert.equal(host.last.stops, 0);
  await clock.advance(1_200);
  assert.equal(host.workers[0]!.stops, 1);
  assert.deepEqual(reasons(), { worker_down: 1 });
  assert.equal(table.count(2, 2).quotes, 0);
  assert.equal(host.workers.length, 2);
  assert.equal(host.live.length, 1);
  assert.deepEqual(unstoppable, []);
});

Deno.test("worker that has never shown a sign of life gets four times as long", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  await clock.advance(4 * SETTINGS.silentAfterMs - 600);
  assert.equal(host.last.stops, 0);
  await clock.advance(1_200);
  assert.equal(host.workers[0]!.stops, 1);
});

Deno.test("pause of the core's own thread is not taken for a silence of the worker", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  await live(clock, host, 1_000);
  await clock.pause(60_000);
  assert.equal(host.last.stops, 0);
  await live(clock, host, 5_000);
  assert.equal(host.workers.length, 1);
});

Deno.test("worker that does not end in time is reported once and not followed by another", async () => {
  const { clock, host, supervisor, unstoppable } = bench(false);
  supervisor.start();
  await live(clock, host, 1_000);
  await clock.advance(SETTINGS.silentAfterMs + 500);
  assert.deepEqual([host.last.stops, host.last.terminations, unstoppable], [1, 0, []]);
  await clock.advance(SETTINGS.stopWithinMs);
  assert.deepEqual([host.last.stops, host.last.terminations, unstoppable], [1, 1, ["q"]]);
  await clock.advance(600_000);
  assert.equal(host.workers.length, 1);
  assert.deepEqual(unstoppable, ["q"]);
  assert.equal(clock.pending, 0);
});

Deno.test("worker that was given up has no say when it ends after all", async () => {
  const { clock, host, supervisor, records } = bench(false);
  supervisor.start();
  const stopped = supervisor.stop("shutdown");
  await clock.advance(SETTINGS.stopWithinMs);
  await stopped;
  const before = records.length;
  host.last.end("late");
  host.last.ready();
  await clock.advance(60_000);
  assert.equal(supervisor.state, "idle");
  assert.equal(host.workers.length, 1);
  assert.equal(records.length, before);
});

Deno.test("stopping ends the worker, with its quotes out of the table at once", async () => {
  const { clock, host, supervisor, table, quote, reasons, unstoppable } = bench();
  supervisor.start();
  host.last.ready();
  quote(0, 99, 100);
  quote(2, 101, 102);
  const stopped = supervisor.stop("mode_switch");
  assert.deepEqual(reasons(), { mode_switch: 1 });
  assert.equal(table.count(2, 2).quotes, 0);
  assert.equal(supervisor.state, "stopping");
  await stopped;
  assert.equal(supervisor.state, "idle");
  await clock.advance(600_000);
  assert.deepEqual([host.workers.length, host.live.length, clock.pending, unstoppable], [1, 0, 0, []]);
});

Deno.test("stopping twice ends the worker once, and both calls wait for it", async () => {
  const { clock, host, supervisor } = bench(false);
  supervisor.start();
  let done = 0;
  const stops = [supervisor.stop("shutdown"), supervisor.stop("shutdown")].map((one) =>
    one.then(() => done++)
  );
  await settled();
  assert.equal(done, 0);
  host.last.end();
  await Promise.all(stops);
  assert.equal(host.last.stops, 1);
  assert.equal(clock.pending, 0);
});

Deno.test("stopping during a backoff starts nothing any more", async () => {
  const { clock, host, supervisor } = bench();
  supervisor.start();
  host.last.end("boom");
  assert.equal(supervisor.state, "backoff");
  await supervisor.stop("shutdown");
  assert.equal(supervisor.state, "idle");
  await clock.advance(600_000);
  assert.deepEqual([host.workers.length, clock.pending], [1, 0]);
});

Deno.test("stopping while a silent worker is being ended waits for it; nothing is unstoppable, nothing restarts", async () => {
  const { clock, host, supervisor, unstoppable } = bench(false);
  supervisor.start();
  await live(clock, host, 1_000);
  await clock.advance(SETTINGS.silentAfterMs + 500);
  assert.equal(supervisor.state, "stopping");
  let done = false;
  const stopped = supervisor.stop("mode_switch").then(() => done = true);
  await clock.advance(SETTINGS.stopWithinMs - 1_000);
  assert.equal(done, false);
  host.last.end();
  await stopped;
  await clock.advance(600_000);
  assert.deepEqual([host.workers.length, host.last.stops, clock.pending, unstoppable], [1, 1, 0, []]);
  assert.equal(supervisor.state, "idle");
});

Deno.test("worker that crashes while it was asked to end has ended", async () => {
  const { clock, host, supervisor } = bench(false);
  supervisor.start();
  const stopped = supervisor.stop("shutdown");
  host.last.end("boom");
  await stopped;
  await clock.advance(600_000);
  assert.deepEqual([host.workers.length, supervisor.restarts, clock.pending], [1, 0, 0]);
});

Deno.test("what the worker logs is logged with its venue, and its warnings are kept as the last trouble", () => {
  const { host, supervisor, records } = bench();
  supervisor.start();
  host.last.events.log("info", "Connected", { url: "ws://x" });
  assert.equal(supervisor.lastError, null);
  host.last.events.log("warning", "Connection lost", { code: 1006 });
  assert.equal(supervisor.lastError, "Connection lost");
  assert.deepEqual(records, [
    { level: "info", message: "Connected", fields: { venue: "q", url: "ws://x" } },
    { level: "warning", message: "Connection lost", fields: { venue: "q", code: 1006 } },
  ]);
});

Deno.test("worker of several exchanges owns the cells of all of them", async () => {
  const { clock, table, orchestrator, host } = bench();
  const both = new Supervisor(
    {
      venue: "ndjson",
      feed: "ndjson",
      exchanges: [{ id: "q", firstCell: 2 }, { id: "r", firstCell: 4 }],
      symbols: table.symbols,
    },
    SETTINGS,
    { host, clock, orchestrator, log: recordedLog(), random: () => 0, unstoppable: () => {} },
  );
  both.start();
  assert.deepEqual([host.last.spec.channel.firstCell, host.last.spec.channel.cells], [2, 4]);
  table.state.fill(1);
  await both.stop("shutdown");
  assert.deepEqual([...table.state], [1, 1, 0, 0, 0, 0]);
});

Deno.test("worker of pools gets memory for their ladders, which outlives it; the core reads it while it may", async () => {
  const { clock, table, orchestrator, host } = bench();
  const pools = new Supervisor(
    {
      venue: "q",
      feed: "pools",
      exchanges: [{ id: "q", firstCell: 2 }],
      symbols: table.symbols,
      pools: poolsOf(),
    },
    SETTINGS,
    { host, clock, orchestrator, log: recordedLog(), random: () => 0.5, unstoppable: () => {} },
  );
  assert.equal(table.isPool(1), false);
  pools.start();
  const { ladders } = host.last.spec;
  assert.deepEqual([ladders?.firstCell, ladders?.cells], [2, 2]);
  host.last.quotePool(3, aPool({ blockNumber: 7 }));
  assert.deepEqual([0, 1, 2].map((exchange) => table.isPool(exchange)), [false, true, false]);
  assert.equal(table.pool(3)?.blockNumber, 7);
  host.last.end("boom");
  assert.equal(table.pool(3), undefined, "what a lost worker published counts for nothing");
  await clock.advance(150);
  assert.equal(host.workers.length, 2);
  assert.equal(host.last.spec.ladders, ladders);
  host.last.quotePool(3, aPool({ blockNumber: 9 }));
  assert.equal(table.pool(3)?.blockNumber, 9);
  await pools.stop("mode_switch");
  assert.equal(table.isPool(1), false);
});

Deno.test("worker of books gets no memory for ladders", () => {
  const { host, supervisor, table } = bench();
  supervisor.start();
  assert.ok(!("ladders" in host.last.spec));
  assert.equal(table.isPool(1), false);
});
