/** The core over the real workers of four venues, one of which dies: threads of this process, real sockets. */
import assert from "node:assert/strict";
import { systemClock } from "../../adapters/clock/system.ts";
import { defaults } from "../../adapters/config/defaults.ts";
import { webWorkers, workerHost } from "../../adapters/venues/_base/host.ts";
import { plansOf } from "../../adapters/venues/plans.ts";
import { MarketFlow } from "../../core/app/marketflow.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RunningWorker, WorkerEvents, WorkerHost, WorkerSpec } from "../../core/ports/workers.ts";
import { Kept } from "../core/kept.ts";
import { type Exchanges, startExchanges, VENUES, venuesOf } from "./exchanges.ts";
import { ROOT, until } from "./process.ts";

const SYMBOLS = ["BTC-USDT", "ETH-USDT"];
const VICTIM = "okx";

const quiet: Log = { debug() {}, info() {}, warning() {}, error() {}, with: () => quiet };

/** The real host, of which a test can make one worker die. */
class FragileHost implements WorkerHost {
  /** Runs the workers of the victim instead, where it is set. */
  instead: WorkerHost | undefined;
  readonly starts: string[] = [];
  #victim: RunningWorker | undefined;

  start(spec: WorkerSpec, events: WorkerEvents): RunningWorker {
    this.starts.push(spec.venue);
    if (spec.venue !== VICTIM) return webWorkers.start(spec, events);
    return this.#victim = (this.instead ?? webWorkers).start(spec, events);
  }

  /** Ends the thread from outside. Nothing in it has a last word; the host's `ended` is all that is heard. */
  kill(): void {
    this.#victim!.terminate();
  }
}

interface Stage {
  market: MarketFlow;
  host: FragileHost;
  exchanges: Exchanges;
  /** `reason` of everything that closed, with its exchanges. */
  closed: { reason: string; exchanges: string[] }[];
  unstoppable: string[];
}

async function withMarket(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using exchanges = await startExchanges("--symbols", SYMBOLS.join(","));
  const dataDir = await Deno.makeTempDir();
  const addresses = venuesOf(exchanges) as Record<string, object>;
  const venues = structuredClone(defaults.venues);
  for (const id of VENUES) Object.assign(venues[id], addresses[id]);
  venues["uniswap-v2"].enabled = venues["uniswap-v3"].enabled = false;
  const settings = { ...defaults, symbols: SYMBOLS, venues, dataDir };
  const host = new FragileHost();
  const unstoppable: string[] = [];
  const market = new MarketFlow({
    version: "0",
    mode: "live",
    symbols: SYMBOLS,
    venues: plansOf(settings),
    screener: { minNetBps: -9000, hysteresisBps: 0 },
    // The test runner checks the types of each worker as it loads, which can take long on a busy machine.
    supervisor: {
      ...settings.supervisor,
      silentAfterMs: 120_000,
      stopWithinMs: 120_000,
      channelCapacity: settings.channel.capacity,
    },
    history: { quotes: false, retention: { minutes: 86_400_000 } },
  }, {
    host,
    clock: systemClock,
    log: quiet,
    ...new Kept(),
    random: () => 0.5,
    unstoppable: (venue) => void unstoppable.push(venue),
    memory: () => ({ rssBytes: 0, heapUsedBytes: 0 }),
  });
  const closed: Stage["closed"] = [];
  market.subscribe((events) => {
    for (const { kind, opportunity } of events) {
      if (kind !== "closed") continue;
      const { reason, buyExchange, sellExchange } = opportunity;
      closed.push({ reason, exchanges: [buyExchange, sellExchange] });
    }
  });
  market.start();
  try {
    await healthy(market);
    await run({ market, host, exchanges, closed, unstoppable });
  } finally {
    await market.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
  assert.deepEqual(unstoppable, []);
}

async function healthy(market: MarketFlow): Promise<void> {
  const routes = VENUES.length * (VENUES.length - 1) * SYMBOLS.length;
  await until("every venue delivers and every route is open", () => ({
    venues: market.venues().map(({ id, connected, freshQuotes }) => ({ id, connected, freshQuotes })),
    open: market.opportunities().length,
  }), ({ venues, open }) =>
    open === routes &&
    venues.every(({ connected, freshQuotes }) => connected && freshQuotes === SYMBOLS.length));
}

/** Nothing of the victim is left, why it closed is said, and the others are as they were. */
function assertGone({ market, closed }: Stage): void {
  for (const symbol of SYMBOLS) assert.equal(market.quote(VICTIM, symbol), undefined);
  assert.equal(market.opportunities({ exchange: VICTIM }).length, 0);
  assert.equal(market.venues().find(({ id }) => id === VICTIM)!.state, "restarting");
  assert.ok(closed.length > 0);
  for (const { reason, exchanges } of closed) {
    assert.equal(reason, "worker_down");
    assert.ok(exchanges.includes(VICTIM), `${exchanges}`);
  }
}

async function assertOthersUndisturbed({ market, host, exchanges }: Stage): Promise<void> {
  const others = VENUES.filter((id) => id !== VICTIM);
  assert.deepEqual(host.starts.filter((venue) => venue !== VICTIM), others);
  const frames = new Map(market.venues().map((venue) => [venue.id, venue.frames]));
  await until(
    "the others go on",
    () => market.venues(),
    (venues) => venues.every(({ id, frames: now }) => id === VICTIM || now > frames.get(id)!),
  );
  for (const venue of market.venues()) {
    if (venue.id === VICTIM) continue;
    const { connected, freshQuotes, reconnects, restarts } = venue;
    assert.deepEqual(
      { connected, freshQuotes, reconnects, restarts },
      { connected: true, freshQuotes: SYMBOLS.length, reconnects: 0, restarts: 0 },
    );
  }
  const state = await exchanges.state();
  for (const id of others) assert.equal(state[id]!.connections, 1, id);
}

Deno.test("a worker that is killed takes its quotes with it at once, alone, and is started again", async () => {
  await withMarket(async (stage) => {
    const { market, host, exchanges } = stage;
    for (let kills = 1; kills <= 2; kills++) {
      stage.closed.length = 0;
      host.kill();
      // In the same turn of the event loop: nobody ever sees a quote without a worker.
      assertGone(stage);
      await assertOthersUndisturbed(stage);
      await healthy(market);
      assert.equal(market.venues().find(({ id }) => id === VICTIM)!.restarts, kills);
      await until(
        "the venue has one connection",
        async () => (await exchanges.state())[VICTIM]!.clients,
        (n) => n === 1,
      );
    }
    await assertOthersUndisturbed(stage);
  });
});

Deno.test("a worker that throws again and again is started again until it runs", async () => {
  await withMarket(async (stage) => {
    const { market, host } = stage;
    // The worker's real entry, which throws outside of every call a little later.
    host.instead = workerHost(new URL("adapters/venues/_base/testing_worker.ts", ROOT));
    host.kill();
    assertGone(stage);
    const victim = () => market.venues().find(({ id }) => id === VICTIM)!;
    await until(
      "it failed and was started again",
      victim,
      ({ restarts, lastError }) => restarts >= 3 && /Out of a promise/u.test(lastError ?? ""),
    );
    await assertOthersUndisturbed(stage);
    host.instead = undefined;
    await healthy(market);
  });
});
