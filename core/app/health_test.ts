import assert from "node:assert/strict";
import { poolsOf } from "../../tests/core/pools.ts";
import { Kept } from "../../tests/core/kept.ts";
import { startGraceMs, storageProblems, verdict } from "./health.ts";
import type { VenueStatus } from "./market.ts";

function venue(id: string, state: VenueStatus["state"], freshQuotes: number): VenueStatus {
  return {
    id,
    exchanges: [id],
    quietExchanges: freshQuotes > 0 ? [] : [id],
    state,
    connected: state === "connected",
    takerFeeBps: 10,
    instruments: 1,
    quotes: 1,
    freshQuotes,
    lastFrameAgeMs: null,
    frames: 0,
    bytes: 0,
    malformed: 0,
    gaps: 0,
    conflated: 0,
    channelDepth: 0,
    reconnects: 0,
    restarts: 0,
    lastError: null,
  };
}
const MINUTE = 60_000;

Deno.test("all venues deliver: ok, whether for long or just now", () => {
  const venues = [venue("okx", "connected", 3), venue("bybit", "connected", 1)];
  for (const since of [0, MINUTE]) {
    assert.deepEqual(verdict(venues, since, false), { status: "ok", problems: [] });
  }
});

Deno.test("some deliver: degraded, and every trouble is named", () => {
  const venues = [
    venue("okx", "connected", 3),
    venue("bybit", "disconnected", 0),
    venue("kraken", "silent", 0),
    venue("gateio", "connected", 0),
    venue("ndjson", "restarting", 0),
  ];
  assert.deepEqual(verdict(venues, MINUTE, false), {
    status: "degraded",
    problems: [
      "Venue bybit is disconnected",
      "Venue kraken is silent",
      "Venue gateio is connected and has no fresh quote",
      "Venue ndjson is restarting",
    ],
  });
});

Deno.test("a source that is quiet while others of its venue deliver is named", () => {
  const ndjson = { ...venue("ndjson", "connected", 4), exchanges: ["one", "two"], quietExchanges: ["two"] };
  assert.deepEqual(verdict([venue("okx", "connected", 3), ndjson], MINUTE, false), {
    status: "degraded",
    problems: ["Exchange two of venue ndjson has no fresh quote"],
  });
});

Deno.test("none delivers: starting at first and during a switch, then down", () => {
  const venues = [venue("okx", "connecting", 0), venue("bybit", "starting", 0)];
  assert.equal(verdict(venues, 0, false).status, "starting");
  assert.equal(verdict(venues, 14_999, false).status, "starting");
  assert.equal(verdict(venues, 15_000, false).status, "down");
  assert.equal(verdict(venues, MINUTE, true).status, "starting");
  assert.deepEqual(verdict(venues, MINUTE, false).problems, [
    "Venue okx is connecting",
    "Venue bybit is starting",
  ]);
});

Deno.test("a chain may need some blocks until its first quote", () => {
  const graceMs = startGraceMs([{}, { pools: poolsOf({ blockMs: 12_000 }) }, {
    pools: poolsOf({ blockMs: 250 }),
  }]);
  assert.equal(graceMs, 36_000);
  assert.equal(startGraceMs([{ pools: poolsOf({ blockMs: 250 }) }]), 15_000);
  const venues = [venue("uniswap-v3", "connecting", 0)];
  assert.equal(verdict(venues, 35_999, false, graceMs).status, "starting");
  assert.equal(verdict(venues, 36_000, false, graceMs).status, "down");
});

Deno.test("a chain whose last block is some seconds old is well", () => {
  const uniswap = { ...venue("uniswap-v3", "connected", 3), lastFrameAgeMs: 30_000 };
  assert.deepEqual(verdict([uniswap], MINUTE, false), { status: "ok", problems: [] });
});

Deno.test("no venue at all is down at once: waiting does not help", () => {
  assert.deepEqual(verdict([], 0, false), { status: "down", problems: ["No venue is enabled"] });
});

Deno.test("what is wrong with what is kept is said in plain words, and all is well otherwise", () => {
  const { cacheStatus, status } = new Kept();
  assert.deepEqual(storageProblems(cacheStatus, status), []);
  const outbox = {
    ...status.outbox,
    state: "failing",
    error: "Disk is full",
    dropped: 3,
    rejected: 2,
  } as const;
  const gone = { ...status.history, state: "unreachable", error: "Connection refused" } as const;
  assert.deepEqual(storageProblems({ ...cacheStatus, state: "fallback" }, { outbox, history: gone }), [
    "Cache is in memory, Redis is gone",
    "Outbox cannot be written: Disk is full",
    "Outbox was full, 3 records are lost",
    "History refused 2 records; they are in the table rejected of the outbox",
    "History is not reachable: Connection refused",
  ]);
  const refused = { ...status.history, state: "refused", error: "Schema is newer" } as const;
  assert.deepEqual(storageProblems(cacheStatus, { ...status, history: refused }), [
    "History refuses: Schema is newer",
  ]);
});
