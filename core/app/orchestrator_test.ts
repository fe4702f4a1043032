import assert from "node:assert/strict";
import { alive } from "../../tests/core/alive.ts";
import { ManualClock, settled } from "../../tests/core/manual_clock.ts";
import { tickOf } from "../../tests/core/scripted_host.ts";
import { until } from "../../tests/core/until.ts";
import { QuoteState } from "../domain/quote.ts";
import type { OpportunityEvent } from "../domain/opportunity.ts";
import { QuoteTable } from "../screener/quote_table.ts";
import { Screener } from "../screener/screener.ts";
import { ChannelWriter, newChannel } from "./channel.ts";
import { Orchestrator } from "./orchestrator.ts";

/** Two exchanges, two symbols, no fees, opens at 10 bps. */
function bench() {
  const table = new QuoteTable(["p", "q"], ["A-B", "C-D"]);
  const settings = { minNetBps: 10, hysteresisBps: 0, takerFeeBps: [0, 0] };
  const screener = new Screener(table, settings, "run");
  const orchestrator = new Orchestrator(table, screener, new ManualClock());
  const events: OpportunityEvent[] = [];
  orchestrator.subscribe((batch) => events.push(...batch));
  const memoryOf = (exchange: number, capacity = 8) =>
    newChannel({ capacity, wake: orchestrator.wake, firstCell: table.cell(exchange, 0), cells: 2 });
  const channel = (exchange: number, capacity = 8) => {
    const memory = memoryOf(exchange, capacity);
    return { writer: new ChannelWriter(memory), attachment: orchestrator.attach(memory) };
  };
  const brief = () =>
    events.splice(0).map(({ kind, opportunity: one }) =>
      kind === "closed"
        ? `closed ${one.buyExchange}>${one.sellExchange} ${one.reason}`
        : `${kind} ${one.buyExchange}>${one.sellExchange}`
    );
  return { table, screener, orchestrator, memoryOf, channel, events, brief };
}

Deno.test(
  "ticks of all channels reach the table, and what they open is published",
  alive(async () => {
    const { table, orchestrator, channel, events, brief } = bench();
    const p = channel(0);
    const q = channel(1);
    orchestrator.start();
    p.writer.write(tickOf({ cell: 0, bid: 99, ask: 100 }));
    q.writer.write(tickOf({ cell: 2, bid: 101, ask: 102 }));
    await until("an opportunity is published", () => events.length > 0);
    assert.deepEqual(brief(), ["opportunity p>q"]);
    assert.equal(table.quote(2)?.bid, 101);
    assert.equal(orchestrator.ticks, 2);
    await orchestrator.stop();
  }),
);

Deno.test(
  "rows that waited before the start are read, and every tick that a row stands for is counted",
  alive(async () => {
    const { orchestrator, channel } = bench();
    const { writer } = channel(0, 2);
    for (let bid = 1; bid <= 100; bid++) writer.write(tickOf({ cell: bid % 2, bid, ask: 200 }));
    orchestrator.start();
    await until("all ticks are counted", () => orchestrator.ticks === 100);
    assert.equal(orchestrator.rows, 100 - writer.conflated);
    await orchestrator.stop();
  }),
);

Deno.test(
  "channel that is attached while the core sleeps is read",
  alive(async () => {
    const { orchestrator, channel } = bench();
    orchestrator.start();
    await settled();
    const { writer } = channel(1);
    writer.write(tickOf({ cell: 2 }));
    await until("the tick is read", () => orchestrator.ticks === 1);
    await orchestrator.stop();
  }),
);

Deno.test(
  "rows that were written before their channel was attached are read, though the core sleeps",
  alive(async () => {
    const { orchestrator, memoryOf } = bench();
    orchestrator.start();
    await settled();
    const memory = memoryOf(1);
    new ChannelWriter(memory).write(tickOf({ cell: 2 }));
    // The writer woke the core, which found nothing to read and fell asleep again.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    orchestrator.attach(memory);
    await until("the tick is read", () => orchestrator.ticks === 1);
    await orchestrator.stop();
  }),
);

Deno.test(
  "withdrawing takes quotes out of the table and closes what rests on them, before it returns",
  alive(async () => {
    const { table, orchestrator, channel, events, brief } = bench();
    const p = channel(0);
    const q = channel(1);
    orchestrator.start();
    p.writer.write(tickOf({ cell: 0, bid: 99, ask: 100 }));
    q.writer.write(tickOf({ cell: 2, bid: 101, ask: 102 }));
    await until("an opportunity is published", () => events.length > 0);
    brief();
    q.attachment.detach();
    q.writer.write(tickOf({ cell: 3, bid: 1, ask: 2 }));
    orchestrator.withdraw(2, 2, "worker_down");
    assert.deepEqual(brief(), ["closed p>q worker_down"]);
    assert.deepEqual(table.count(2, 2), { quotes: 0, freshQuotes: 0 });
    assert.deepEqual(table.count(0, 2), { quotes: 1, freshQuotes: 1 });
    await settled();
    assert.deepEqual(table.count(2, 2), { quotes: 0, freshQuotes: 0 }, "a detached channel is not read");
    assert.equal(q.attachment.depth, 1);
    await orchestrator.stop();
  }),
);

Deno.test(
  "stopping closes what is open as a shutdown and reads nothing more",
  alive(async () => {
    const { orchestrator, screener, channel, events, brief } = bench();
    const p = channel(0);
    const q = channel(1);
    orchestrator.start();
    p.writer.write(tickOf({ cell: 0, bid: 99, ask: 100 }));
    q.writer.write(tickOf({ cell: 2, bid: 101, ask: 102 }));
    await until("an opportunity is published", () => events.length > 0);
    await orchestrator.stop();
    assert.deepEqual(brief(), ["opportunity p>q", "closed p>q shutdown"]);
    p.writer.write(tickOf({ cell: 0, bid: 98, ask: 99 }));
    await settled();
    assert.equal(orchestrator.ticks, 2);
    assert.equal(screener.episodes.counts.open, 0);
    await orchestrator.stop();
  }),
);

Deno.test(
  "stopping ends a core that sleeps, and one that never started",
  alive(async () => {
    const sleeping = bench().orchestrator;
    sleeping.start();
    await settled();
    await sleeping.stop();
    await bench().orchestrator.stop();
  }),
);

Deno.test(
  "listener that unsubscribed hears nothing more",
  alive(async () => {
    const { orchestrator, channel, events } = bench();
    let heard = 0;
    const unsubscribe = orchestrator.subscribe((batch) => heard += batch.length);
    const p = channel(0);
    const q = channel(1);
    orchestrator.start();
    p.writer.write(tickOf({ cell: 0, bid: 99, ask: 100 }));
    q.writer.write(tickOf({ cell: 2, bid: 101, ask: 102 }));
    await until("an opportunity is published", () => events.length === 1);
    unsubscribe();
    p.writer.write(tickOf({ cell: 0, bid: 99, ask: 100, state: QuoteState.stale }));
    await until("its closing is published", () => events.length === 2);
    assert.equal(heard, 1);
    await orchestrator.stop();
  }),
);

Deno.test(
  "busy channel does not keep the others waiting for more than a turn",
  alive(async () => {
    const { orchestrator, channel } = bench();
    const busy = channel(0, 8192);
    const quiet = channel(1);
    for (let bid = 1; bid <= 8192; bid++) {
      busy.writer.write(tickOf({ cell: 0, bid: 1, ask: 200 - bid / 100 }));
    }
    quiet.writer.write(tickOf({ cell: 2 }));
    orchestrator.start();
    // The first turn is taken before `start` returns.
    assert.equal(quiet.attachment.depth, 0);
    assert.ok(busy.attachment.depth > 0);
    await until("all is read", () => orchestrator.ticks === 8193);
    await orchestrator.stop();
  }),
);

Deno.test(
  "core rests between two readings while rows come densely, and is woken by the next row otherwise",
  alive(async () => {
    const clock = new ManualClock();
    const rests: number[] = [];
    const watched = {
      now: () => clock.now(),
      after: (delayMs: number, callback: () => void) => clock.after(delayMs, callback),
      turn: (restMs = 0) => {
        rests.push(restMs);
        return clock.turn();
      },
    };
    const table = new QuoteTable(["p"], ["A-B"]);
    const settings = { minNetBps: 10, hysteresisBps: 0, takerFeeBps: [0] };
    const orchestrator = new Orchestrator(table, new Screener(table, settings, "run"), watched);
    const memory = newChannel({ capacity: 64, wake: orchestrator.wake, firstCell: 0, cells: 1 });
    const writer = new ChannelWriter(memory);
    orchestrator.attach(memory);
    orchestrator.start();
    const write = async (rows: number) => {
      const before = orchestrator.rows;
      for (let n = 0; n < rows; n++) writer.write(tickOf({ cell: 0, bid: 1 + n, ask: 100 }));
      await until("the rows are read", () => orchestrator.rows === before + rows);
    };
    await write(1);
    await clock.advance(5);
    await write(32);
    await clock.advance(5);
    await write(1);
    assert.deepEqual(rests, [0, 1, 0]);
    await orchestrator.stop();
  }),
);

Deno.test(
  "time spent on rows is added up per reading, and a clock that is set back takes nothing away",
  alive(async () => {
    const clock = new ManualClock();
    const table = new QuoteTable(["p"], ["A-B"]);
    const screener = new Screener(table, { minNetBps: 10, hysteresisBps: 0, takerFeeBps: [0] }, "run");
    let rowTakesMs = 3;
    const orchestrator = new Orchestrator(table, screener, clock, {
      row: () => void clock.pause(rowTakesMs),
    });
    const memory = newChannel({ capacity: 8, wake: orchestrator.wake, firstCell: 0, cells: 1 });
    const writer = new ChannelWriter(memory);
    orchestrator.attach(memory);
    orchestrator.start();
    writer.write(tickOf({ cell: 0 }));
    await until("the row is read", () => orchestrator.rounds === 1);
    assert.equal(orchestrator.evaluationMs, 3);
    rowTakesMs = -5_000;
    writer.write(tickOf({ cell: 0, bid: 98 }));
    await until("the next row is read", () => orchestrator.rounds === 2);
    assert.equal(orchestrator.evaluationMs, 3);
    await orchestrator.stop();
  }),
);
