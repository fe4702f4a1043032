/** The whole core over real workers: mode switches, venues that are down, start and stop. */
import assert from "node:assert/strict";
import { systemClock } from "../../adapters/clock/system.ts";
import { MarketFlow, type VenuePlan } from "../../core/app/marketflow.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../../core/domain/opportunity.ts";
import { alive } from "./alive.ts";
import { seeded } from "../random.ts";
import { Kept } from "./kept.ts";
import { recordedLog } from "./recorded_log.ts";
import { seed } from "./seed.ts";
import { until } from "./until.ts";
import { TestWorkerHost } from "./worker_host.ts";

const plan = (venue: string, wsUrl = "well.ts"): VenuePlan => ({
  venue,
  feed: "socket",
  exchanges: [venue],
  takerFeeBps: 0,
  wsUrl,
});

/** `q` is in both modes, on the same cells of the table; `p` is live only, `r` test only. */
function bench(live: readonly VenuePlan[] = [plan("p"), plan("q")]) {
  const host = new TestWorkerHost();
  const unstoppable: string[] = [];
  const market = new MarketFlow({
    version: "0",
    mode: "live",
    symbols: ["A-B", "C-D"],
    venues: { live, test: [plan("q"), plan("r")] },
    screener: { minNetBps: 1, hysteresisBps: 0 },
    supervisor: {
      channelCapacity: 16,
      silentAfterMs: 60_000,
      stopWithinMs: 60_000,
      backoffMs: 1,
      maxBackoffMs: 1,
    },
    history: { quotes: false, retention: { minutes: 86_400_000 } },
  }, {
    host,
    clock: systemClock,
    log: recordedLog(),
    ...new Kept(),
    random: () => 0.5,
    unstoppable: (venue) => unstoppable.push(venue),
    memory: () => ({ rssBytes: 0, heapUsedBytes: 0 }),
  });
  const open = new Map<string, Opportunity>();
  const closed: Record<string, number> = {};
  let sequence = 0;
  market.subscribe((events: readonly OpportunityEvent[]) => {
    for (const event of events) {
      assert.equal(event.sequence, ++sequence);
      if (event.kind === "opportunity") open.set(event.opportunity.id, event.opportunity);
      else {
        open.delete(event.opportunity.id);
        closed[event.opportunity.reason] = (closed[event.opportunity.reason] ?? 0) + 1;
      }
    }
  });
  const exchangesSeen = () =>
    new Set(market.opportunities().flatMap((one) => [one.buyExchange, one.sellExchange]));
  return { market, host, unstoppable, open, closed, exchangesSeen };
}

const WORKERS: Record<Mode, string[]> = { live: ["p", "q"], test: ["q", "r"] };

Deno.test(
  "hundred quick switches leave the workers, quotes and opportunities of the last mode only",
  alive(async () => {
    const random = seeded(seed);
    const { market, host, unstoppable, open, closed, exchangesSeen } = bench();
    market.start();
    await until("something is open", () => market.opportunities().length > 0);
    const requests: Promise<unknown>[] = [];
    let mode: Mode = "live";
    for (let at = 0; at < 100; at++) {
      mode = mode === "live" ? "test" : "live";
      requests.push(market.switchMode(mode));
      // Between no time at all and long enough for a worker to begin.
      if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 100));
    }
    requests.push(market.switchMode("test"));
    await Promise.all(requests);
    assert.deepEqual(host.venues(), WORKERS.test);
    assert.deepEqual([market.mode, market.modeStatus().switching], ["test", false]);
    assert.deepEqual(market.exchanges, ["q", "r"]);
    await until("the new mode has opportunities", () => market.opportunities().length > 0);
    assert.deepEqual([...exchangesSeen()].sort(), ["q", "r"]);
    assert.equal(market.quote("p", "A-B"), undefined);
    assert.ok(closed.mode_switch! > 0);
    assert.deepEqual([...open.keys()].sort(), market.opportunities().map((one) => one.id).sort());
    await market.stop();
    assert.deepEqual([host.venues(), unstoppable, open.size], [[], [], 0]);
  }),
);

Deno.test(
  "each switch that is waited for empties the table at once and brings the other mode",
  alive(async () => {
    const { market, host, open, closed, exchangesSeen } = bench();
    market.start();
    for (const mode of ["test", "live", "test"] as const) {
      await until("something is open", () => market.opportunities().length > 0);
      const switching = market.switchMode(mode);
      assert.deepEqual([market.quotes("A-B"), market.quotes("C-D"), open.size], [[], [], 0]);
      assert.equal((await switching).mode, mode);
      assert.deepEqual(host.venues(), WORKERS[mode]);
      await until("something is open again", () => market.opportunities().length > 0);
      assert.deepEqual([...exchangesSeen()].sort(), WORKERS[mode]);
    }
    assert.ok(closed.mode_switch! >= 3);
    await market.stop();
    assert.deepEqual(host.venues(), []);
  }),
);

Deno.test(
  "venue that is down degrades the health, and the others go on",
  alive(async () => {
    const { market, host } = bench([plan("p"), plan("q"), plan("s", "throws_at_start.ts")]);
    market.start();
    await until("the health is degraded", () => market.health().status === "degraded");
    await until("the others deliver", () => market.opportunities().length > 0);
    await until("it was tried again", () => market.venues()[2]!.restarts > 1);
    const { problems, venues } = market.health();
    assert.ok(problems.some((problem) => problem.startsWith("Venue s is ")), problems.join());
    assert.match(venues[2]!.lastError!, /Thrown at the start/);
    await market.stop();
    assert.deepEqual(host.venues(), []);
  }),
);

Deno.test(
  "without any venue that delivers the health is starting, and the program still stops",
  alive(async () => {
    const { market, host } = bench([plan("p", "throws_at_start.ts"), plan("q", "throws_at_start.ts")]);
    market.start();
    await until("both were tried again", () => market.venues().every((venue) => venue.restarts > 1));
    assert.equal(market.health().opportunities.open, 0);
    assert.notEqual(market.health().status, "ok");
    assert.notEqual(market.health().status, "degraded");
    await market.stop();
    assert.deepEqual(host.venues(), []);
  }),
);
