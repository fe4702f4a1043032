import assert from "node:assert/strict";
import { Episodes, type Figures } from "./episodes.ts";

const figures = (change: Partial<Figures> = {}): Figures => ({
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "kraken",
  buyPrice: 100,
  sellPrice: 101,
  sizeBase: 2,
  notionalQuote: 200,
  grossBps: 100,
  netBps: 80,
  feesQuote: 0.4,
  impactQuote: 0,
  gasQuote: 0,
  profitQuote: 1.6,
  updatedAt: 1000,
  ...change,
});

const brief = (episodes: Episodes) =>
  episodes.take().map(({ sequence, kind, opportunity }) => `${sequence} ${kind} ${opportunity.id}`);

Deno.test("episode goes from opening over updates to closing, one event each", () => {
  const episodes = new Episodes("run");
  episodes.open(7, figures());
  const [opened] = episodes.take();
  assert.deepEqual(opened, {
    sequence: 1,
    kind: "opportunity",
    opportunity: { id: "run-1", openedAt: 1000, ...figures() },
  });
  episodes.update(7, figures({ buyPrice: 99, netBps: 181, updatedAt: 1500 }));
  const [updated] = episodes.take();
  assert.deepEqual(updated, {
    sequence: 2,
    kind: "opportunity",
    opportunity: { id: "run-1", openedAt: 1000, ...figures({ buyPrice: 99, netBps: 181, updatedAt: 1500 }) },
  });
  episodes.close(7, "leg_stale", 2000);
  const [closed] = episodes.take();
  assert.deepEqual(closed, {
    sequence: 3,
    kind: "closed",
    opportunity: { ...updated!.opportunity, closedAt: 2000, reason: "leg_stale" },
  });
  assert.deepEqual(episodes.counts, { open: 0, opened: 1, closed: { leg_stale: 1 } });
});

Deno.test("several changes between two takings are one event with the latest figures", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  episodes.update(1, figures({ sizeBase: 3 }));
  episodes.update(1, figures({ sizeBase: 4 }));
  const events = episodes.take();
  assert.equal(events.length, 1);
  assert.equal(events[0]!.opportunity.sizeBase, 4);
  assert.deepEqual(episodes.take(), []);
});

Deno.test("same prices and size are no change, whatever the time", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  episodes.take();
  episodes.update(1, figures({ updatedAt: 9000 }));
  assert.deepEqual(episodes.take(), []);
  assert.equal(episodes.get(1)!.updatedAt, 1000);
});

Deno.test("what a route costs is a change, though prices and size are the same", () => {
  for (const cost of ["feesQuote", "impactQuote", "gasQuote"] as const) {
    const episodes = new Episodes("run");
    episodes.open(1, figures());
    episodes.take();
    episodes.update(1, figures({ [cost]: 0.1, profitQuote: 1.5 }));
    const [event] = episodes.take();
    assert.deepEqual([event!.opportunity[cost], event!.opportunity.profitQuote], [0.1, 1.5], cost);
  }
});

Deno.test("opportunity that closes before anybody was told is told of first", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  episodes.close(1, "below_threshold", 2000);
  assert.deepEqual(brief(episodes), ["1 opportunity run-1", "2 closed run-1"]);
});

Deno.test("route that opens again is another episode with another id", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  episodes.close(1, "below_threshold", 2000);
  episodes.open(1, figures());
  assert.deepEqual(brief(episodes), ["1 opportunity run-1", "2 closed run-1", "3 opportunity run-2"]);
  assert.equal(episodes.list().length, 1);
});

Deno.test("what was handed out does not change afterwards", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  const [event] = episodes.take();
  episodes.update(1, figures({ sizeBase: 9 }));
  episodes.close(1, "shutdown", 2000);
  assert.equal(event!.opportunity.sizeBase, 2);
});

Deno.test("updating or closing what is not open does nothing", () => {
  const episodes = new Episodes("run");
  episodes.update(1, figures());
  episodes.close(1, "shutdown", 1);
  episodes.closeAll("shutdown", 1);
  assert.deepEqual(episodes.take(), []);
  assert.deepEqual(episodes.counts, { open: 0, opened: 0, closed: {} });
});

Deno.test("closing all closes every symbol, with the reason and the time, and knows that none is open", () => {
  const episodes = new Episodes("run");
  episodes.open(1, figures());
  episodes.open(2, figures({ symbol: "ETH-USDT" }));
  assert.ok(episodes.hasOpen("BTC-USDT") && episodes.hasOpen("ETH-USDT") && !episodes.hasOpen("SOL-USDT"));
  episodes.closeAll("mode_switch", 3000);
  assert.ok(!episodes.hasOpen("BTC-USDT") && !episodes.hasOpen("ETH-USDT"));
  const closed = episodes.take().filter((event) => event.kind === "closed");
  assert.deepEqual(closed.map(({ opportunity }) => [opportunity.reason, opportunity.closedAt]), [
    ["mode_switch", 3000],
    ["mode_switch", 3000],
  ]);
  assert.deepEqual(episodes.counts, { open: 0, opened: 2, closed: { mode_switch: 2 } });
});

Deno.test("a finished episode tells its start, its best moment and its end", () => {
  const episodes = new Episodes("run");
  episodes.open(7, figures());
  episodes.update(7, figures({ buyPrice: 99, netBps: 181, updatedAt: 1500 }));
  episodes.update(7, figures({ buyPrice: 98, netBps: 181, updatedAt: 1600 }));
  episodes.update(7, figures({ buyPrice: 99.5, netBps: 120, updatedAt: 1700 }));
  assert.deepEqual(episodes.takeFinished(), []);
  episodes.close(7, "below_threshold", 2000);
  const identity = { id: "run-1", openedAt: 1000 };
  assert.deepEqual(episodes.takeFinished(), [{
    start: { ...identity, ...figures() },
    peak: { ...identity, ...figures({ buyPrice: 99, netBps: 181, updatedAt: 1500 }) },
    end: {
      ...identity,
      ...figures({ buyPrice: 99.5, netBps: 120, updatedAt: 1700 }),
      closedAt: 2000,
      reason: "below_threshold",
    },
  }]);
  assert.deepEqual(episodes.takeFinished(), []);
});
