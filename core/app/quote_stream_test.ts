import assert from "node:assert/strict";
import { settled } from "../../tests/core/manual_clock.ts";
import { EVERY_MS, openQuotes } from "../../tests/core/scripted_quotes.ts";
import { KEEP_ALIVE_MS } from "./stream/groups.ts";

Deno.test("a reader gets all quotes first, and then those that changed", async () => {
  const { market, clock, follow } = openQuotes();
  market.quote("bybit", "BTC-USDT", 100);
  market.quote("okx", "ETH-USDT", 10);
  const { told } = follow();
  await settled();
  market.quote("okx", "ETH-USDT", 11);
  await clock.advance(EVERY_MS);
  const [snapshot, update] = told;
  assert.deepEqual(snapshot!.quotes, { "bybit BTC-USDT": 100, "okx ETH-USDT": 10 });
  assert.equal(snapshot!.mode, "test");
  assert.deepEqual(update!.quotes, { "okx ETH-USDT": 11 });
  assert.equal(update!.sequence, snapshot!.sequence + 1);
  assert.equal(told.length, 2);
});

Deno.test("an update has the latest of each quote that changed since the look before, and no other", async () => {
  const { market, clock, follow } = openQuotes();
  const { told } = follow();
  for (const bid of [1, 2, 3]) {
    market.quote("bybit", "BTC-USDT", bid);
    await clock.advance(EVERY_MS / 4);
  }
  market.quote("okx", "BTC-USDT", 4);
  await clock.advance(EVERY_MS / 4);
  assert.deepEqual(told.at(-1)!.quotes, { "bybit BTC-USDT": 3, "okx BTC-USDT": 4 });
  assert.equal(told.length, 2);
});

Deno.test("a quote that is gone is told to those who may know it, and one that never was is not", async () => {
  const { market, clock, follow, connect } = openQuotes();
  market.quote("bybit", "BTC-USDT", 100);
  const knows = follow();
  market.withdraw("bybit", "BTC-USDT");
  market.withdraw("okx", "BTC-USDT");
  await clock.advance(EVERY_MS);
  assert.deepEqual(knows.last!.quotes, { "bybit BTC-USDT": null });
  const later = connect();
  await later.take();
  assert.deepEqual(later.last!.quotes, {});
});

Deno.test("a reader is told only of what its filter names", async () => {
  const { market, clock, follow } = openQuotes();
  const [bySymbol, byExchange] = [follow({ symbol: "BTC-USDT" }), follow({ exchange: "okx" })];
  await settled();
  market.quote("bybit", "BTC-USDT", 1);
  await clock.advance(EVERY_MS);
  market.quote("okx", "ETH-USDT", 2);
  await clock.advance(EVERY_MS);
  const quotes = ({ told }: typeof bySymbol) => told.map(({ quotes }) => quotes);
  assert.deepEqual(quotes(bySymbol), [{}, { "bybit BTC-USDT": 1 }]);
  assert.deepEqual(quotes(byExchange), [{}, { "okx ETH-USDT": 2 }]);
});

Deno.test("a reader that takes nothing for a while gets the latest of each quote in one piece", async () => {
  const { market, clock, connect } = openQuotes();
  market.quote("kraken", "BTC-USDT", 7);
  const slow = connect();
  await slow.take();
  for (let bid = 1; bid <= 50; bid++) {
    market.quote("bybit", "BTC-USDT", bid);
    if (bid === 20) market.quote("okx", "BTC-USDT", bid);
    await clock.advance(EVERY_MS);
  }
  await slow.take();
  assert.deepEqual(slow.last!.quotes, { "bybit BTC-USDT": 50, "okx BTC-USDT": 20 });
});

Deno.test("a reader that comes back gets what changed since, also what changed while nobody read", async () => {
  const { market, clock, connect, hub } = openQuotes();
  market.quote("bybit", "BTC-USDT", 1);
  market.quote("okx", "BTC-USDT", 2);
  const before = connect();
  await before.take();
  before.reader.leave();
  market.quote("okx", "BTC-USDT", 3);
  await clock.advance(EVERY_MS * 10);
  const after = connect({}, before.last!.sequence);
  await after.take();
  assert.equal(after.last!.kind, "update");
  assert.deepEqual(after.last!.quotes, { "okx BTC-USDT": 3 });
  const upToDate = connect({}, after.last!.sequence);
  let asked = false;
  void upToDate.take().then(() => asked = true);
  await settled();
  assert.equal(asked, false, "It was told something although nothing has changed");
  hub.close();
});

for (
  const [what, sequenceOf] of [
    ["is ahead of the last", (last: number) => last + 1],
    ["is of an earlier run", (last: number) => last - 60_000 * 1024],
    ["is no integer", () => NaN],
    ["is a fraction", (last: number) => last - 0.5],
  ] as const
) {
  Deno.test(`a sequence that ${what} is answered with a snapshot`, async () => {
    const { market, connect } = openQuotes();
    market.quote("bybit", "BTC-USDT", 1);
    const first = connect();
    await first.take();
    const second = connect({}, sequenceOf(first.last!.sequence));
    await second.take();
    assert.equal(second.last!.kind, "snapshot");
  });
}

Deno.test("a mode switch starts every reader anew, and sequences from before are not known any more", async () => {
  const { market, clock, follow, connect } = openQuotes();
  market.quote("bybit", "BTC-USDT", 1);
  market.quote("okx", "BTC-USDT", 1);
  const { told } = follow();
  await settled();
  market.switchMode();
  market.quote("okx", "BTC-USDT", 2);
  await clock.advance(EVERY_MS);
  assert.deepEqual(
    told.map(({ kind, mode, quotes }) => [kind, mode, quotes]),
    [["snapshot", "test", { "bybit BTC-USDT": 1, "okx BTC-USDT": 1 }], ["snapshot", "live", {
      "okx BTC-USDT": 2,
    }]],
  );
  const [before, after] = [connect({}, told[0]!.sequence), connect({}, told[1]!.sequence)];
  await before.take();
  assert.equal(before.last!.kind, "snapshot");
  market.quote("okx", "BTC-USDT", 3);
  await clock.advance(EVERY_MS);
  await after.take();
  assert.deepEqual(after.last!.quotes, { "okx BTC-USDT": 3 });
  assert.equal(after.last!.kind, "update");
});

Deno.test("a reader that slept through a mode switch gets a snapshot, and nothing of the mode before", async () => {
  const { market, clock, connect } = openQuotes();
  market.quote("bybit", "BTC-USDT", 1);
  const slow = connect();
  await slow.take();
  market.quote("bybit", "BTC-USDT", 2);
  await clock.advance(EVERY_MS);
  market.switchMode();
  await clock.advance(EVERY_MS);
  market.quote("okx", "ETH-USDT", 3);
  await clock.advance(EVERY_MS);
  await slow.take();
  assert.equal(slow.told.length, 2);
  assert.deepEqual([slow.last!.kind, slow.mode, slow.last!.quotes], ["snapshot", "live", {
    "okx ETH-USDT": 3,
  }]);
});

Deno.test("nobody is looked for while nobody reads: only the sign of life has a timer", async () => {
  const { market, clock, hub, connect } = openQuotes();
  assert.equal(clock.pending, 1);
  const [first, second] = [connect(), connect({ symbol: "BTC-USDT" })];
  assert.equal(clock.pending, 2);
  first.reader.leave();
  assert.equal(clock.pending, 2);
  second.reader.leave();
  assert.equal(clock.pending, 1);
  const third = connect();
  market.quote("okx", "BTC-USDT", 1);
  await clock.advance(EVERY_MS);
  await third.take();
  assert.deepEqual(third.table, new Map([["okx BTC-USDT", 1]]));
  hub.close();
  assert.equal(clock.pending, 0);
});

Deno.test("a quiet stream carries a sign of life with the sequence to come back with", async () => {
  const { market, clock, follow, connect } = openQuotes();
  market.quote("okx", "ETH-USDT", 1);
  const { told } = follow({ symbol: "BTC-USDT" });
  const busy = connect();
  await settled();
  market.quote("okx", "ETH-USDT", 2);
  await clock.advance(KEEP_ALIVE_MS);
  assert.deepEqual(told.map(({ kind }) => kind), ["snapshot", "alive"]);
  assert.equal(told[1]!.sequence, told[0]!.sequence + 1);
  // Whoever has something to take needs no sign of life, and none is kept for it.
  await busy.take();
  assert.equal(busy.last!.kind, "snapshot");
  assert.deepEqual(busy.table, new Map([["okx ETH-USDT", 2]]));
  const back = connect({ symbol: "BTC-USDT" }, told[1]!.sequence);
  market.quote("okx", "BTC-USDT", 3);
  await clock.advance(EVERY_MS);
  await back.take();
  assert.deepEqual(back.last!.quotes, { "okx BTC-USDT": 3 });
});

Deno.test("what readers with one filter and place are told is encoded once", async () => {
  const { market, clock, encoder, follow } = openQuotes();
  market.quote("okx", "BTC-USDT", 1);
  const readers = [1, 2, 3].map(() => follow({ exchange: "okx", symbol: "BTC-USDT" }));
  await settled();
  assert.equal(encoder.encoded, 1);
  market.quote("okx", "BTC-USDT", 2);
  await clock.advance(EVERY_MS);
  assert.equal(encoder.encoded, 2);
  for (const { told } of readers) assert.equal(told.length, 2);
  await clock.advance(KEEP_ALIVE_MS);
  assert.equal(encoder.encoded, 3);
});

Deno.test("places are shared with other streams, and one that is left can be taken", () => {
  const { places, hub, encoder, connect } = openQuotes({ maxClients: 2 });
  places.take();
  const { reader } = connect();
  assert.deepEqual(hub.connect({}, { encoder }), { refused: "full" });
  assert.equal(places.refused, 1);
  reader.leave();
  reader.leave();
  reader.cut();
  assert.equal(places.clients, 1);
  assert.equal(places.cut, 0);
  connect().reader.cut();
  assert.deepEqual([places.clients, places.cut], [1, 1]);
});

Deno.test("closing ends every stream, whether it waits or not, and takes no more readers", async () => {
  const { clock, hub, encoder, connect, places } = openQuotes();
  const ends: string[] = [];
  hub.connect({}, { encoder, ended: (end) => ends.push(end) });
  const waiting = connect();
  await waiting.take();
  const next = waiting.take();
  hub.close();
  assert.equal(await next, false);
  assert.deepEqual(ends, ["closed"]);
  assert.deepEqual(hub.connect({}, { encoder }), { refused: "closed" });
  assert.deepEqual([places.clients, clock.pending], [0, 0]);
});
