/** Channels between real threads: nothing lost, nothing late for ever, nothing that grows. */
import assert from "node:assert/strict";
import { alive } from "./alive.ts";
import { systemClock } from "../../adapters/clock/system.ts";
import { ChannelWriter, newChannel } from "../../core/app/channel.ts";
import { Orchestrator } from "../../core/app/orchestrator.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { seeded } from "../random.ts";
import { tickOf } from "./scripted_host.ts";
import { seed } from "./seed.ts";
import { until } from "./until.ts";
import type { Bursts } from "./workers/bursts.ts";

const CELLS = 3;

function core(writers: number) {
  const symbols = Array.from({ length: CELLS }, (_, at) => `S${at}-X`);
  const table = new QuoteTable(Array.from({ length: writers }, (_, at) => `x${at}`), symbols);
  const settings = { minNetBps: 1e6, hysteresisBps: 0, takerFeeBps: table.exchanges.map(() => 0) };
  const orchestrator = new Orchestrator(table, new Screener(table, settings, "run"), systemClock);
  const attach = (writer: number, capacity: number) => {
    const memory = newChannel({
      capacity,
      wake: orchestrator.wake,
      firstCell: table.cell(writer, 0),
      cells: CELLS,
    });
    return { memory, attachment: orchestrator.attach(memory) };
  };
  return { table, orchestrator, attach };
}

/** A worker that writes a burst when told to. */
function bursting(channel: Bursts["channel"]) {
  const words = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(new URL("./workers/bursts.ts", import.meta.url), { type: "module" });
  worker.postMessage({ channel, go: words.buffer } satisfies Bursts);
  const burst = (ticks: number) => {
    Atomics.store(words, 1, ticks);
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
  };
  return { burst, written: () => Atomics.load(words, 2), end: () => burst(0), worker };
}

/** The newest tick of a cell after `total` ticks over `cells` cells in turn. */
const newest = (total: number, cell: number) => total - (((total - cell) % CELLS) + CELLS) % CELLS;

Deno.test(
  "core wakes up for every burst from other threads, however small, and has the newest of each cell",
  alive(async () => {
    const random = seeded(seed);
    const { table, orchestrator, attach } = core(2);
    // Smaller than most bursts, so that the writer often is the one who waits.
    const writers = [0, 1].map((at) => bursting(attach(at, 2).memory));
    const totals = [0, 0];
    orchestrator.start();
    for (let round = 0; round < 1_500; round++) {
      for (const [at, writer] of writers.entries()) {
        const ticks = 1 + Math.trunc(random() * random() * 12);
        totals[at]! += ticks;
        writer.burst(ticks);
      }
      await until(
        `round ${round} has arrived`,
        () =>
          orchestrator.ticks === totals[0]! + totals[1]! &&
          writers.every((one) => one.written() === round + 1),
      );
      for (const at of [0, 1]) {
        if (totals[at]! < CELLS) continue;
        const bids = Array.from({ length: CELLS }, (_, cell) => table.bid[table.cell(at, cell)]);
        assert.deepEqual(bids, [0, 1, 2].map((cell) => newest(totals[at]!, cell)), `round ${round}`);
      }
    }
    for (const writer of writers) writer.end();
    await orchestrator.stop();
    for (const { worker } of writers) worker.terminate();
  }),
);

Deno.test(
  "flood from another thread is conflated, counted to the last tick, and ends with the newest",
  alive(async () => {
    const { table, orchestrator, attach } = core(1);
    const { memory } = attach(0, 64);
    const { burst, worker, end } = bursting(memory);
    orchestrator.start();
    let total = 0;
    for (const ticks of [300_000, 1, 200_000, 7]) {
      burst(ticks);
      total += ticks;
      await until("the flood has arrived", () => orchestrator.ticks === total);
      const bids = Array.from({ length: CELLS }, (_, cell) => table.bid[cell]);
      assert.deepEqual(bids, [0, 1, 2].map((cell) => newest(total, cell)));
    }
    assert.ok(orchestrator.rows <= orchestrator.ticks);
    end();
    await orchestrator.stop();
    worker.terminate();
  }),
);

Deno.test(
  "memory is bounded while nobody reads, and nothing is forgotten meanwhile",
  alive(async () => {
    const { table, orchestrator, attach } = core(1);
    const { memory, attachment } = attach(0, 64);
    const writer = new ChannelWriter(memory);
    const ticks = 2_000_000;
    const tick = tickOf({ cell: 0, ask: 1e9 });
    const write = (bid: number) => {
      tick.bid = bid;
      tick.cell = bid % CELLS;
      writer.write(tick);
    };
    for (let bid = 1; bid <= 1_000; bid++) write(bid);
    const before = Deno.memoryUsage().rss;
    for (let bid = 1_001; bid <= ticks; bid++) write(bid);
    const grown = Deno.memoryUsage().rss - before;
    assert.equal(attachment.depth, 64);
    assert.equal(writer.waiting, CELLS);
    // Kept one by one, they would be more than 100 MB.
    assert.ok(grown < 64 * 2 ** 20, `grew by ${grown} bytes`);
    orchestrator.start();
    await until("all is read", () => orchestrator.ticks === ticks);
    assert.equal(orchestrator.rows, ticks - writer.conflated);
    assert.deepEqual([0, 1, 2].map((cell) => table.bid[cell]), [0, 1, 2].map((cell) => newest(ticks, cell)));
    await orchestrator.stop();
  }),
);
