/**
 * A program with a worker that never yields. It says what it is told of it, and exits with 70. A process of its own,
 * because such a worker ends with its process only.
 */
import { systemClock } from "../../adapters/clock/system.ts";
import { Orchestrator } from "../../core/app/orchestrator.ts";
import { Supervisor } from "../../core/app/supervisor.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { recordedLog } from "./recorded_log.ts";
import { until } from "./until.ts";
import { TestWorkerHost } from "./worker_host.ts";

const table = new QuoteTable(["q"], ["A-B"]);
const screener = new Screener(table, { minNetBps: 1, hysteresisBps: 0, takerFeeBps: [0] }, "run");
const orchestrator = new Orchestrator(table, screener, systemClock);
const host = new TestWorkerHost();
let reported = 0;
const supervisor = new Supervisor(
  {
    venue: "q",
    feed: "socket",
    exchanges: [{ id: "q", firstCell: 0 }],
    symbols: table.symbols,
    wsUrl: "blocks.ts",
  },
  {
    channelCapacity: 64,
    slotMs: 1000,
    // Patient: on a busy machine a worker may be slow, and that is not what this one is for.
    silentAfterMs: 3_000,
    stopWithinMs: 500,
    backoffMs: 1,
    maxBackoffMs: 1,
  },
  {
    host,
    clock: systemClock,
    orchestrator,
    log: recordedLog(),
    random: () => 0.5,
    unstoppable: (venue) => {
      reported++;
      console.log(`unstoppable ${venue}`);
    },
  },
);
orchestrator.start();
supervisor.start();
await until("it is being ended", () => supervisor.state === "stopping");
// Somebody stops the program at the same time.
const stopped = supervisor.stop("shutdown").then(() => console.log("stopped"));
await until("it is reported", () => reported > 0);
await stopped;
// Long enough for a second report and a restart, if there were any to come.
await new Promise((resolve) => setTimeout(resolve, 2_000));
console.log(`reported ${reported} of ${host.started} started`);
Deno.exit(70);
