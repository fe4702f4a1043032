import assert from "node:assert/strict";
import type { ClosedOpportunity, Opportunity } from "../../core/domain/opportunity.ts";
import { FADE_MS, MAX_ROWS, Rows } from "./rows.ts";

function opportunity(id: string, changes: Partial<Opportunity> = {}): Opportunity {
  return {
    id,
    symbol: "BTC-USDT",
    buyExchange: "okx",
    sellExchange: "kraken",
    buyPrice: 100,
    sellPrice: 101,
    sizeBase: 1,
    notionalQuote: 100,
    grossBps: 100,
    netBps: 50,
    feesQuote: 0.5,
    impactQuote: 0,
    gasQuote: 0,
    profitQuote: 0.5,
    openedAt: 1000,
    updatedAt: 1000,
    ...changes,
  };
}

function closed(one: Opportunity): ClosedOpportunity {
  return { ...one, closedAt: one.updatedAt, reason: "leg_stale" };
}

Deno.test("an update replaces the row of its route and leaves the others as they are", () => {
  const rows = new Rows([opportunity("a"), opportunity("b", { symbol: "ETH-USDT" })]);
  const [before, other] = [...rows.all.values()];
  rows.update(opportunity("a", { netBps: 60, updatedAt: 2000 }));
  const [after, same] = [...rows.all.values()];
  assert.notEqual(after, before);
  assert.equal(after?.opportunity.netBps, 60);
  assert.equal(same, other);
  assert.equal(rows.open, 2);
});

Deno.test("an event that is older than the snapshot changes nothing", () => {
  const rows = new Rows([opportunity("a", { netBps: 60, updatedAt: 2000 })]);
  rows.update(opportunity("a", { netBps: 50, updatedAt: 1000 }));
  assert.equal(rows.best()?.netBps, 60);
});

Deno.test("a closed row keeps its reason until it has faded, and is not counted as open", () => {
  const rows = new Rows([opportunity("a")]);
  rows.close(closed(opportunity("a")), 10_000);
  assert.equal(rows.open, 0);
  assert.equal(rows.best(), undefined);
  assert.deepEqual([...rows.all.values()][0]?.closed, { at: 10_000, reason: "leg_stale" });
  rows.sweep(10_000 + FADE_MS - 1);
  assert.equal(rows.all.size, 1);
  rows.sweep(10_000 + FADE_MS);
  assert.equal(rows.all.size, 0);
});

Deno.test("a route that opens again takes its row back, and the late close of the old one does not end it", () => {
  const rows = new Rows([opportunity("a")]);
  rows.close(closed(opportunity("a")), 10_000);
  rows.update(opportunity("b", { openedAt: 11_000, updatedAt: 11_000 }));
  assert.equal(rows.open, 1);
  rows.close(closed(opportunity("a")), 11_500);
  rows.sweep(60_000);
  assert.equal(rows.open, 1);
  assert.equal(rows.all.size, 1);
});

Deno.test("a snapshot replaces what was open, and what is fading fades on", () => {
  const rows = new Rows([opportunity("a"), opportunity("b", { symbol: "ETH-USDT" })]);
  rows.close(closed(opportunity("a")), 10_000);
  rows.snapshot([opportunity("c", { symbol: "SOL-USDT" })], true);
  assert.deepEqual([...rows.all.values()].map((row) => row.opportunity.id), ["a", "c"]);
  assert.equal(rows.open, 1);
});

Deno.test("a snapshot of another mode leaves nothing of the old one", () => {
  const rows = new Rows([opportunity("a"), opportunity("b", { symbol: "ETH-USDT" })]);
  rows.close(closed(opportunity("a")), 10_000);
  rows.snapshot([], false);
  assert.equal(rows.all.size, 0);
  assert.equal(rows.open, 0);
});

Deno.test("however many routes open and close, the memory is bounded", () => {
  const rows = new Rows();
  const many = Array.from(
    { length: MAX_ROWS + 50 },
    (_, at) => opportunity(`${at}`, { symbol: `S${at}-USDT` }),
  );
  for (const one of many) rows.update(one);
  assert.equal(rows.open, MAX_ROWS);
  for (const one of many) rows.close(closed(one), 10_000);
  assert.equal(rows.open, 0);
  assert.ok(rows.all.size <= 100, `${rows.all.size} closed rows are kept`);
});
