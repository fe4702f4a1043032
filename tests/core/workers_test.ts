/** The supervisor over real workers that throw, end, pause and block. */
import assert from "node:assert/strict";
import { alive } from "./alive.ts";
import { systemClock } from "../../adapters/clock/system.ts";
import { Orchestrator } from "../../core/app/orchestrator.ts";
import { Supervisor, type SupervisorSettings } from "../../core/app/supervisor.ts";
import type { OpportunityEvent } from "../../core/domain/opportunity.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { recordedLog } from "./recorded_log.ts";
import { until } from "./until.ts";
import { TestWorkerHost } from "./worker_host.ts";

/** Patient, because a test run may have to check the types of a worker's file before it starts. */
const SETTINGS: SupervisorSettings = {
  channelCapacity: 64,
  slotMs: 1000,
  silentAfterMs: 60_000,
  stopWithinMs: 30_000,
  backoffMs: 1,
  maxBackoffMs: 1,
};

/** `p` runs well; `q`, with which it has opportunities, is the worker under test. */
function bench(file: string, settings: Partial<SupervisorSettings> = {}) {
  const table = new QuoteTable(["p", "q"], ["A-B"]);
  const screener = new Screener(table, { minNetBps: 1, hysteresisBps: 0, takerFeeBps: [0, 0] }, "run");
  const orchestrator = new Orchestrator(table, screener, systemClock);
  const host = new TestWorkerHost();
  const unstoppable: string[] = [];
  const reasons: string[] = [];
  orchestrator.subscribe((events: readonly OpportunityEvent[]) => {
    for (const event of events) if (event.kind === "closed") reasons.push(event.opportunity.reason);
  });
  const supervise = (id: string, firstCell: number, wsUrl: string) =>
    new Supervisor(
      { venue: id, feed: "socket", exchanges: [{ id, firstCell }], symbols: table.symbols, wsUrl },
      id === "q" ? { ...SETTINGS, ...settings } : SETTINGS,
      {
        host,
        clock: systemClock,
        orchestrator,
        log: recordedLog(),
        random: () => 0.5,
        unstoppable: (venue) => unstoppable.push(venue),
      },
    );
  const well = supervise("p", 0, "well.ts");
  const tested = supervise("q", 1, file);
  orchestrator.start();
  well.start();
  tested.start();
  const open = () => screener.episodes.counts.open;
  const end = async () => {
    await Promise.all([well.stop("shutdown"), tested.stop("shutdown")]);
    await orchestrator.stop();
    assert.deepEqual(host.venues(), [], "no worker is left");
    assert.deepEqual(table.count(0, 2), { quotes: 0, freshQuotes: 0 });
    assert.equal(open(), 0);
  };
  return { table, host, well, tested, unstoppable, reasons, open, end };
}

for (
  const [file, what, error] of [
    ["throws_later.ts", "throws", /Thrown later/],
    ["rejects.ts", "leaves a rejection alone", /Nobody caught this/],
    ["ends_by_itself.ts", "ends by itself", /ended by itself/],
  ] as const
) {
  Deno.test(
    `worker that ${what} is started again, its quotes are gone meanwhile, the others do not notice`,
    alive(async () => {
      const { table, well, tested, open, reasons, unstoppable, end } = bench(file);
      await until("something is open", () => open() > 0);
      await until("it closed because the worker was gone", () => reasons.includes("worker_down"));
      await until("it happened again and again", () => tested.restarts >= 2);
      assert.match(tested.lastError!, error);
      await until("it is open again", () => open() > 0);
      assert.equal(well.restarts, 0);
      assert.equal(table.quote(0)?.fresh, true);
      assert.deepEqual(unstoppable, []);
      await end();
    }),
  );
}

Deno.test(
  "worker that throws while it loads is started again",
  alive(async () => {
    const { tested, well, host, end } = bench("throws_at_start.ts");
    await until("it was started again", () => tested.restarts >= 3);
    assert.match(tested.lastError!, /Thrown at the start/);
    assert.ok(host.started >= 4);
    assert.equal(well.restarts, 0);
    await end();
  }),
);

Deno.test(
  "worker whose file does not exist is started again",
  alive(async () => {
    const { tested, end } = bench("no_such_file.ts");
    await until("it was started again", () => tested.restarts >= 2);
    assert.ok(tested.lastError!.length > 0);
    await end();
  }),
);

Deno.test(
  "worker that blocks for a while is let go at once, ends when it comes back, and starts again",
  alive(async () => {
    const { table, tested, open, reasons, unstoppable, end } = bench("pauses.ts", { silentAfterMs: 2_000 });
    await until("something is open", () => open() > 0);
    await until("it closed because the worker did not answer", () => reasons.includes("worker_down"));
    assert.equal(table.quote(1), undefined);
    assert.equal(tested.lastError, "Worker stopped answering");
    await until("it was started again", () => tested.restarts >= 1);
    await until("its quotes are back", () => table.quote(1)?.fresh === true);
    assert.deepEqual(unstoppable, []);
    await end();
  }),
);

Deno.test(
  "stopping while a worker that blocked is being ended waits for it and starts no other",
  alive(async () => {
    const { tested, host, reasons, unstoppable, end } = bench("pauses.ts", { silentAfterMs: 2_000 });
    await until("it is being ended", () => tested.state === "stopping" && reasons.includes("worker_down"));
    const { restarts } = tested;
    await tested.stop("shutdown");
    assert.deepEqual(host.venues(), ["p"]);
    assert.deepEqual([tested.state, tested.restarts, unstoppable], ["idle", restarts, []]);
    await end();
  }),
);

Deno.test(
  "stopping right after the start ends a worker that has not even loaded",
  alive(async () => {
    const { end, host } = bench("well.ts");
    await end();
    assert.equal(host.started, 2);
  }),
);

Deno.test(
  "worker that never yields is reported exactly once, and the process can only exit",
  alive(async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-lock",
        "--no-prompt",
        "--allow-read",
        new URL("./unstoppable_program.ts", import.meta.url).href,
      ],
      signal: AbortSignal.timeout(120_000),
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assert.deepEqual(
      lines,
      ["unstoppable q", "stopped", "reported 1 of 1 started"],
      new TextDecoder().decode(stderr),
    );
    assert.equal(code, 70);
  }),
);
