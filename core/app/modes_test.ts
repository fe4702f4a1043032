/** Modes with supervisors on a clock that stands still. With real workers: tests/core. */
import assert from "node:assert/strict";
import { ManualClock, settled } from "../../tests/core/manual_clock.ts";
import { recordedLog } from "../../tests/core/recorded_log.ts";
import { ScriptedHost } from "../../tests/core/scripted_host.ts";
import type { Mode } from "../domain/mode.ts";
import { QuoteTable } from "../screener/quote_table.ts";
import { Screener } from "../screener/screener.ts";
import { Modes } from "./modes.ts";
import { Orchestrator } from "./orchestrator.ts";
import { Supervisor } from "./supervisor.ts";

const SETTINGS = {
  channelCapacity: 4,
  slotMs: 1000,
  silentAfterMs: 2_000,
  stopWithinMs: 3_000,
  backoffMs: 100,
  maxBackoffMs: 1_000,
};

/** Two workers a mode, named `live p`, `live q`, `test p`, `test q`. */
function bench(mode: Mode, obedient = true) {
  const clock = new ManualClock();
  const host = new ScriptedHost(obedient);
  const table = new QuoteTable(["p", "q"], ["A-B"]);
  const screener = new Screener(table, { minNetBps: 0, hysteresisBps: 0, takerFeeBps: [0, 0] }, "run");
  const orchestrator = new Orchestrator(table, screener, clock);
  const switched: Mode[] = [];
  const unstoppable: string[] = [];
  const modes = new Modes(
    mode,
    clock,
    (mode) =>
      ["p", "q"].map((id, at) =>
        new Supervisor(
          {
            venue: `${mode} ${id}`,
            feed: "socket",
            exchanges: [{ id, firstCell: at }],
            symbols: table.symbols,
          },
          SETTINGS,
          {
            host,
            clock,
            orchestrator,
            log: recordedLog(),
            random: () => 0,
            unstoppable: (venue) => unstoppable.push(venue),
          },
        )
      ),
    (mode) => switched.push(mode),
    () => {},
  );
  const live = () => host.live.map((worker) => worker.spec.venue);
  return { clock, host, table, modes, switched, unstoppable, live };
}

Deno.test("switching ends every worker of the old mode before the first of the new one starts", async () => {
  const { host, modes, switched, live, clock } = bench("test", false);
  modes.start();
  const since = modes.status().since;
  assert.deepEqual(live(), ["test p", "test q"]);
  await clock.advance(100);
  let done = false;
  const switching = modes.switchTo("live").then((status) => (done = true, status));
  assert.deepEqual(modes.status(), { mode: "test", switching: true, since });
  host.workers[0]!.end();
  await settled();
  assert.deepEqual([live(), done], [["test q"], false]);
  host.workers[1]!.end();
  assert.deepEqual(await switching, { mode: "live", switching: false, since: clock.now() });
  assert.deepEqual(live(), ["live p", "live q"]);
  assert.deepEqual(switched, ["live"]);
});

Deno.test("switching to the present mode does nothing", async () => {
  const { host, modes, switched } = bench("test");
  modes.start();
  assert.equal((await modes.switchTo("test")).mode, "test");
  assert.deepEqual([host.workers.length, switched], [2, []]);
});

Deno.test("request right after one for the present mode is not forgotten", async () => {
  const { modes, live } = bench("test");
  modes.start();
  const requests = [modes.switchTo("test"), modes.switchTo("live")];
  await Promise.all(requests);
  assert.equal(modes.mode, "live");
  assert.deepEqual(live(), ["live p", "live q"]);
});

Deno.test("request at any moment while another one settles is not forgotten", async () => {
  for (let moment = 0; moment < 30; moment++) {
    const { modes, live } = bench("test");
    modes.start();
    const first = modes.switchTo("live");
    for (let turn = 0; turn < moment; turn++) await Promise.resolve();
    const second = modes.switchTo("test");
    await Promise.all([first, second]);
    assert.equal(modes.mode, "test", `asked ${moment} turns later`);
    assert.deepEqual(live(), ["test p", "test q"]);
    assert.equal(modes.status().switching, false);
  }
});

Deno.test("hundred requests at once lead to the last one, without a hundred rounds", async () => {
  const { host, modes, live } = bench("test");
  modes.start();
  const requests = Array.from({ length: 100 }, (_, at) => modes.switchTo(at % 2 === 0 ? "live" : "test"));
  requests.push(modes.switchTo("live"));
  const statuses = await Promise.all(requests);
  assert.deepEqual(live(), ["live p", "live q"]);
  assert.ok(statuses.every((status) => status.mode === "live"));
  assert.ok(host.workers.length <= 6, `${host.workers.length} workers were started`);
});

Deno.test("hundred switches one after the other leave the workers of the last mode only", async () => {
  const { host, modes, live, clock, unstoppable } = bench("test");
  modes.start();
  for (let at = 0; at < 100; at++) await modes.switchTo(at % 2 === 0 ? "live" : "test");
  assert.deepEqual(live(), ["test p", "test q"]);
  assert.equal(host.workers.length, 202);
  // Nothing but the watches over the two that live.
  assert.equal(clock.pending, 2);
  assert.deepEqual(unstoppable, []);
});

Deno.test("stopping ends the workers and starts no others, in the middle of a switch, too", async () => {
  const { modes, host, live, clock } = bench("test", false);
  modes.start();
  const switching = modes.switchTo("live");
  const stopped = modes.stop();
  for (const worker of host.live) worker.end();
  await Promise.all([switching, stopped]);
  assert.deepEqual(live(), []);
  assert.equal(host.workers.length, 2);
  assert.equal(clock.pending, 0);
  assert.equal((await modes.switchTo("live")).mode, "test");
  assert.equal(host.workers.length, 2);
});

Deno.test("worker that cannot be ended does not hold up the switch for ever", async () => {
  const { modes, clock, unstoppable } = bench("test", false);
  modes.start();
  const switching = modes.switchTo("live");
  await clock.advance(SETTINGS.stopWithinMs);
  assert.equal((await switching).mode, "live");
  assert.deepEqual(unstoppable, ["test p", "test q"]);
});
