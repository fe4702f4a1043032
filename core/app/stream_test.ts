import assert from "node:assert/strict";
import { ScriptedMarket } from "../../tests/core/scripted_market.ts";
import type { Clock } from "../ports/clock.ts";
import type { Filter } from "./opportunities.ts";
import { StreamClient, type StreamEncoder, StreamHub } from "./stream.ts";
import { KEEP_ALIVE_MS } from "./stream/groups.ts";

const START = 1_790_000_000_000;
const LIMITS = { maxClients: 3, maxBufferedBytes: 2000, replayEvents: 4, conflateMs: 10 };

/** A clock that moves when told to. */
class ManualClock implements Clock {
  #now = START;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) timer.at -= ms;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  get timers(): number {
    return this.#timers.size;
  }
}

/** One line per event, and a count of how often anything was encoded. */
class LineEncoder implements StreamEncoder {
  encoded = 0;
  #line(text: string): Uint8Array {
    this.encoded++;
    return new TextEncoder().encode(text + "\n");
  }
  hello = () => new TextEncoder().encode("hello\n");
  snapshot: StreamEncoder["snapshot"] = (_, { mode, opportunities }) =>
    this.#line(`snapshot ${mode} ${opportunities.map((one) => `${one.id}=${one.netBps}`).join(",")}`);
  opportunity: StreamEncoder["opportunity"] = (_, one) => this.#line(`opportunity ${one.id}=${one.netBps}`);
  closed: StreamEncoder["closed"] = (_, one) => this.#line(`closed ${one.id} ${one.reason}`);
  keepAlive = () => this.#line("keep-alive");
}

function setUp(limits: Partial<typeof LIMITS> = {}, prepare = (_: ScriptedMarket) => {}) {
  const script = new ScriptedMarket();
  prepare(script);
  const clock = new ManualClock();
  const encoder = new LineEncoder();
  const hub = new StreamHub({
    market: script.asMarket,
    clock,
    limits: { ...LIMITS, ...limits },
  });
  const connect = (filter: Filter = {}, lastEventId?: number) => {
    const client = hub.connect(filter, { encoder, lastEventId });
    assert.ok(client instanceof StreamClient, "Hub refused a reader");
    return client;
  };
  return { script, clock, encoder, hub, connect };
}

async function textOf(client: StreamClient): Promise<string> {
  return (await client.next())!.map((bytes) => new TextDecoder().decode(bytes)).join("");
}

/** What waits for a client now, without the greeting. */
async function lines(client: StreamClient): Promise<string[]> {
  let text = "";
  while (client.bufferedBytes > 0) text += await textOf(client);
  return text.split("\n").filter((line) => line !== "" && line !== "hello");
}

/** Ids are the hub's own matter; a test asks where it stands by way of its documented start. */
const idOf = (events: number) => START * 1024 + events;

Deno.test("a reader gets a snapshot first, best first, and then what happens", async () => {
  const { script, clock, connect } = setUp({}, (script) => {
    script.put("a", 6);
    script.put("b", 9);
  });
  const client = connect();
  clock.advance(20);
  script.put("a", 7);
  script.close("b", "leg_stale");
  assert.deepEqual(await lines(client), ["snapshot test b=9,a=6", "opportunity a=7", "closed b leg_stale"]);
});

Deno.test("events are encoded once for all readers, whatever their filters", async () => {
  const { script, encoder, hub, connect } = setUp();
  const clients = [connect(), connect({ symbol: "BTC-USDT" }), connect({ minNetBps: 5 })];
  const before = encoder.encoded;
  script.put("a", 8);
  for (const client of clients) assert.ok((await lines(client)).includes("opportunity a=8"));
  assert.equal(encoder.encoded - before, 1);
  assert.equal(hub.stats().events, 1);
});

Deno.test("a snapshot is encoded once for all readers with one filter until something happens", () => {
  const { script, encoder, connect } = setUp();
  connect({ symbol: "BTC-USDT", minNetBps: 5 });
  connect({ minNetBps: 5, symbol: "BTC-USDT" });
  assert.equal(encoder.encoded, 1);
  script.put("a", 8);
  connect({ minNetBps: 5, symbol: "BTC-USDT" });
  assert.equal(encoder.encoded, 3);
});

Deno.test("a filter passes a symbol, an exchange on either leg and a net edge", async () => {
  const { script, connect } = setUp();
  const bySymbol = connect({ symbol: "ETH-USDT" });
  const bySeller = connect({ exchange: "okx" });
  const byEdge = connect({ minNetBps: 7 });
  script.put("a", 6);
  script.put("b", 7, { symbol: "ETH-USDT", buyExchange: "okx", sellExchange: "kraken" });
  script.put("c", 8, { symbol: "ETH-USDT", sellExchange: "kraken" });
  assert.deepEqual(await lines(bySymbol), ["snapshot test ", "opportunity b=7", "opportunity c=8"]);
  assert.deepEqual(await lines(bySeller), ["snapshot test ", "opportunity a=6", "opportunity b=7"]);
  assert.deepEqual(await lines(byEdge), ["snapshot test ", "opportunity b=7", "opportunity c=8"]);
});

Deno.test("an opportunity that falls out of a reader's net edge is closed for that reader alone", async () => {
  const { script, clock, connect } = setUp();
  const all = connect();
  const some = connect({ minNetBps: 7 });
  for (const netBps of [8, 6, 5, 9]) {
    script.put("a", netBps);
    clock.advance(20);
  }
  script.put("a", 4);
  clock.advance(20);
  script.close("a");
  assert.deepEqual((await lines(all)).slice(1), [
    "opportunity a=8",
    "opportunity a=6",
    "opportunity a=5",
    "opportunity a=9",
    "opportunity a=4",
    "closed a below_threshold",
  ]);
  assert.deepEqual((await lines(some)).slice(1), [
    "opportunity a=8",
    "closed a below_filter",
    "opportunity a=9",
    "closed a below_filter",
  ]);
});

Deno.test("updates are held to one per interval, the latest wins, opening and closing are not held", async () => {
  const { script, clock, hub, connect } = setUp({ conflateMs: 10 });
  const client = connect();
  script.put("a", 5);
  script.put("a", 6);
  clock.advance(4);
  script.put("a", 7);
  script.put("b", 5);
  clock.advance(5);
  assert.deepEqual((await lines(client)).slice(1), ["opportunity a=5", "opportunity b=5"]);
  clock.advance(1);
  assert.deepEqual(await lines(client), ["opportunity a=7"]);
  script.put("a", 8);
  script.close("a");
  assert.deepEqual(await lines(client), ["closed a below_threshold"]);
  clock.advance(100);
  assert.deepEqual(await lines(client), []);
  assert.equal(hub.stats().conflated, 2);
});

Deno.test("a clock that is set back by an hour holds no update for an hour", async () => {
  const { script, clock, connect } = setUp({ conflateMs: 10 });
  const client = connect();
  script.put("a", 5);
  script.put("b", 5);
  script.put("b", 6);
  clock.setBack(3_600_000);
  script.put("a", 7);
  assert.deepEqual(
    (await lines(client)).slice(1),
    ["opportunity a=5", "opportunity b=5", "opportunity a=7"],
  );
  clock.advance(10);
  assert.deepEqual(await lines(client), ["opportunity b=6"]);
});

Deno.test("each opportunity has its own interval", async () => {
  const { script, clock, connect } = setUp({ conflateMs: 10 });
  const client = connect();
  script.put("a", 1);
  clock.advance(6);
  script.put("b", 1);
  script.put("a", 2);
  script.put("b", 2);
  clock.advance(4);
  assert.deepEqual((await lines(client)).slice(1), ["opportunity a=1", "opportunity b=1", "opportunity a=2"]);
  clock.advance(5);
  assert.deepEqual(await lines(client), []);
  clock.advance(1);
  assert.deepEqual(await lines(client), ["opportunity b=2"]);
});

Deno.test("a reader that comes back gets exactly what it missed", async () => {
  const { script, connect } = setUp();
  script.put("a", 5);
  script.put("b", 6);
  script.close("a");
  assert.deepEqual(await lines(connect({}, idOf(1))), ["opportunity b=6", "closed a below_threshold"]);
  assert.deepEqual(await lines(connect({}, idOf(3))), []);
});

Deno.test("catching up through a filter tells the same as having stayed", async () => {
  const { script, clock, connect } = setUp({ replayEvents: 100, maxClients: 10 });
  const filter = { minNetBps: 7 };
  const stayed = connect(filter);
  for (const netBps of [8, 6, 7, 9, 3, 2, 8]) {
    script.put("a", netBps);
    clock.advance(20);
  }
  script.close("a");
  const live = await lines(stayed);
  for (const seen of [0, 1, 3, 5]) {
    const missed = await lines(connect(filter, idOf(seen)));
    assert.deepEqual(missed, live.slice(-missed.length));
  }
  assert.equal((await lines(connect(filter, idOf(0)))).length, live.length - 1);
});

for (
  const [what, id] of [
    ["too old", idOf(1)],
    ["ahead of the last", idOf(7)],
    ["of an earlier run", (START - 60_000) * 1024 + 3],
    ["no integer", NaN],
  ] as const
) {
  Deno.test(`an id that is ${what} is answered with a snapshot`, async () => {
    const { script, connect } = setUp({ replayEvents: 4 });
    for (const id of ["a", "b", "c", "d", "e", "f"]) script.put(id, 5);
    assert.match((await lines(connect({}, id)))[0]!, /^snapshot test /);
  });
}

Deno.test("missed events that would fill half of the bound are replaced by a snapshot", async () => {
  const { script, clock, connect } = setUp({ replayEvents: 100, maxBufferedBytes: 200 });
  for (let i = 0; i < 20; i++) {
    script.put("a", i);
    clock.advance(20);
  }
  assert.deepEqual(await lines(connect({}, idOf(0))), ["snapshot test a=19"]);
  assert.deepEqual(await lines(connect({}, idOf(19))), ["opportunity a=19"]);
});

Deno.test("a snapshot taken while an update is held agrees with the events after it", async () => {
  const { script, clock, connect } = setUp();
  script.put("a", 7);
  clock.advance(1);
  script.put("a", 9);
  const client = connect({ minNetBps: 8 });
  script.put("a", 7.5);
  clock.advance(50);
  assert.deepEqual(await lines(client), ["snapshot test "]);
});

Deno.test("a mode switch starts every reader anew and makes older ids unknown", async () => {
  const { script, hub, connect } = setUp();
  const client = connect();
  script.put("a", 5);
  script.close("a", "mode_switch");
  script.mode = "live";
  hub.checkMode();
  hub.checkMode();
  script.put("b", 6);
  assert.deepEqual((await lines(client)).slice(1), [
    "opportunity a=5",
    "closed a mode_switch",
    "snapshot live ",
    "opportunity b=6",
  ]);
  assert.deepEqual(await lines(connect({}, idOf(2))), ["snapshot live b=6"]);
  assert.deepEqual(await lines(connect({}, idOf(3))), ["opportunity b=6"]);
});

Deno.test("a mode switch that nobody announces is noticed with the next event", async () => {
  const { script, connect } = setUp();
  const client = connect();
  script.mode = "live";
  script.put("b", 6);
  assert.ok((await lines(client)).includes("snapshot live b=6"));
});

Deno.test("a reader that stops reading is cut at its bound and its queue freed at once", async () => {
  const { script, clock, hub, encoder, connect } = setUp({ maxBufferedBytes: 100 });
  const ends: string[] = [];
  const slow = hub.connect({}, { encoder, ended: (end) => ends.push(end) }) as StreamClient;
  const quick = connect();
  for (let i = 0; i < 20; i++) {
    await lines(quick);
    script.put("a", i);
    clock.advance(20);
    assert.ok(slow.bufferedBytes < 100 + "opportunity a=19\n".length);
    assert.equal(hub.stats().buffered, slow.bufferedBytes + quick.bufferedBytes);
  }
  assert.deepEqual(ends, ["slow"]);
  assert.equal(slow.bufferedBytes, 0);
  assert.equal(await slow.next(), undefined);
  assert.equal(quick.end, undefined);
  assert.deepEqual({ ...hub.stats(), events: 0 }, {
    clients: 1,
    buffered: quick.bufferedBytes,
    refused: 0,
    cut: 1,
    events: 0,
    conflated: 0,
    superseded: 0,
  });
});

Deno.test("a snapshot larger than the bound reaches a reader that reads", async () => {
  const { connect } = setUp({ maxBufferedBytes: 50 }, (script) => {
    for (let i = 0; i < 100; i++) script.put(`opportunity-${i}`, i);
  });
  const [snapshot] = await lines(connect());
  assert.ok(snapshot!.length > 1000);
});

Deno.test("no more readers than allowed; one that leaves makes room", () => {
  const { hub, encoder, connect } = setUp({ maxClients: 2 });
  const first = connect();
  connect({ minNetBps: 5 });
  assert.deepEqual(hub.connect({}, { encoder }), { refused: "full" });
  first.leave();
  first.leave();
  connect();
  assert.equal(hub.stats().clients, 2);
  assert.equal(hub.stats().refused, 1);
});

Deno.test("a quiet stream carries a sign of life", async () => {
  const { clock, connect } = setUp();
  const client = connect();
  await lines(client);
  for (let i = 0; i < 2; i++) {
    clock.advance(KEEP_ALIVE_MS);
    assert.deepEqual(await lines(client), ["keep-alive"]);
  }
});

Deno.test("closing ends every stream after what waits, and leaves no timer and no subscription", async () => {
  const { script, clock, hub, encoder, connect } = setUp();
  const client = connect();
  const waiting = connect();
  await lines(waiting);
  const end = waiting.next();
  script.put("a", 5);
  script.put("a", 6);
  await end;
  hub.close();
  assert.deepEqual(await lines(client), ["snapshot test ", "opportunity a=5"]);
  assert.equal(await client.next(), undefined);
  assert.equal(await waiting.next(), undefined);
  assert.deepEqual(hub.connect({}, { encoder }), { refused: "closed" });
  assert.equal(script.subscribed, false);
  assert.equal(clock.timers, 0);
});

Deno.test("events that wait together are handed over together, in order", async () => {
  const { script, connect } = setUp();
  const client = connect();
  for (const id of ["a", "b", "c"]) script.put(id, 5);
  const chunk = await textOf(client);
  assert.equal(chunk, "hello\nsnapshot test \nopportunity a=5\nopportunity b=5\nopportunity c=5\n");
});
