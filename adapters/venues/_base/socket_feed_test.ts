import assert from "node:assert/strict";
import { FeedState } from "../../../core/app/telemetry.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import { run, type Running, say, specOf, TinyExchange, tinyVenue, until } from "./testing.ts";
import type { FeedTuning } from "./tuning.ts";
import type { Venue } from "./venue.ts";

const { withdrawn, fresh, stale } = QuoteState;
const SYMBOLS = ["AA-X", "BB-X", "CC-X"];

function listOf(symbols: readonly string[]): string {
  return JSON.stringify(symbols.map((symbol) => [symbol, symbol.replace("-", "_"), true]));
}

/** A feed of `symbols` on a tiny exchange that lists them. */
function feedOn(
  exchange: TinyExchange,
  symbols: readonly string[] = SYMBOLS,
  tuning: Partial<FeedTuning> = {},
  venue: Venue = tinyVenue(),
): Running {
  exchange.list ??= listOf(symbols);
  const dataDir = Deno.makeTempDirSync();
  const spec = specOf(symbols, {
    wsUrl: `ws://${exchange.host}/`,
    restUrl: `http://${exchange.host}`,
    dataDir,
  });
  const running = run(spec, tuning, venue);
  return {
    ...running,
    [Symbol.dispose]() {
      running.stop();
      Deno.removeSync(dataDir, { recursive: true });
    },
  };
}

Deno.test("feed subscribes what the venue lists and writes one row per changed quote", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "three fresh quotes");
  assert.deepEqual(exchange.of("subscribe").map(({ topics }) => topics), [["t.AA_X", "t.BB_X", "t.CC_X"]]);
  const { bid, bidSize, ask, askSize, price, exchangeTime, receivedTime } = feed.rows.at(0);
  assert.deepEqual([bid, bidSize, ask, askSize, price, exchangeTime], [100, 1, 101, 2, 100.5, 1]);
  assert(Math.abs(receivedTime! - Date.now()) < 60_000);
  exchange.send(say.top("t.AA_X", ["100", "1.0"], ["101", "2"]));
  exchange.send(say.top("t.BB_X", ["99", "1"], ["101", "2"]));
  await until(() => feed.rows.at(1).bid === 99, "the change");
  assert.equal(feed.rows.all.filter(({ cell }) => cell === 0).length, 1);
  // Both are written once in a while.
  await until(() => feed.telemetry.feedState === FeedState.connected, "connected in telemetry");
  await until(() => feed.telemetry.instruments === 3, "instruments counted");
});

Deno.test("feed leaves out what the venue does not list or trade, says so once, and ignores what it did not ask for", async () => {
  await using exchange = new TinyExchange();
  exchange.list = JSON.stringify([["AA-X", "AA_X", true], ["CC-X", "CC_X", false]]);
  using feed = feedOn(exchange);
  await until(() => feed.rows.at(0).state === fresh, "a fresh quote");
  exchange.send(say.top("t.CC_X", ["1", "1"], ["2", "2"]));
  exchange.send(say.top("t.AA_X", ["5", "1"], ["6", "2"]));
  await until(() => feed.rows.at(0).bid === 5, "the later frame");
  assert(feed.rows.are([fresh, withdrawn, withdrawn]));
  const said = feed.logs.filter(({ message }) => message === "Venue does not trade some symbols");
  assert.deepEqual(said.map(({ fields }) => fields), [{ symbols: ["BB-X", "CC-X"] }]);
});

Deno.test("feed splits subscriptions by topics and characters, and over connections", async () => {
  await using exchange = new TinyExchange();
  const symbols = Array.from({ length: 23 }, (_, at) => `S${at}-X`);
  const limits = { topicsPerRequest: 4, topicsPerConnection: 10, charactersPerRequest: 60 };
  using feed = feedOn(exchange, symbols, {}, tinyVenue({ limits }));
  await until(() => feed.rows.are(symbols.map(() => fresh)), "all fresh");
  const requests = exchange.of("subscribe");
  assert(requests.every(({ topics }) => topics.length <= 4));
  assert(requests.every(({ op, id, topics }) => JSON.stringify({ op, id, topics }).length <= 60));
  assert(requests.some(({ topics }) => topics.length > 1));
  const names = requests.flatMap(({ topics }) => topics);
  assert.equal(names.length, 23);
  assert.equal(new Set(names).size, 23);
  for (const connection of [0, 1, 2]) {
    const here = requests.filter((request) => request.connection === connection);
    assert.equal(here.flatMap(({ topics }) => topics).length, connection === 2 ? 3 : 10);
  }
});

Deno.test("feed leaves out the one topic that makes the venue refuse whole requests", async () => {
  await using exchange = new TinyExchange();
  const symbols = Array.from({ length: 10 }, (_, at) => `S${at}-X`);
  const accept = exchange.onRequest;
  exchange.onRequest = (request, socket) => {
    if (request.op === "subscribe" && request.topics.includes("t.S7_X")) {
      socket.send(say.refused(request.id, null, "Invalid symbol"));
    } else accept(request, socket);
  };
  using feed = feedOn(exchange, symbols);
  await until(
    () => feed.rows.are(symbols.map((symbol) => symbol === "S7-X" ? withdrawn : fresh)),
    "nine of ten",
  );
  await until(
    () => exchange.of("subscribe").some(({ topics }) => topics.join() === "t.S7_X"),
    "the bad one alone",
  );
  await until(() => feed.telemetry.instruments === 9, "nine counted");
  const said = feed.logs.filter(({ message }) => message.startsWith("Venue does not deliver a topic"));
  assert.deepEqual(said.map(({ fields }) => [fields.topic, fields.reason]), [["t.S7_X", "Invalid symbol"]]);
});

Deno.test("feed asks again for what was not answered, and takes data as an answer", async () => {
  await using exchange = new TinyExchange();
  exchange.onRequest = (request, socket) => {
    if (request.op !== "subscribe") return;
    const again = exchange.of("subscribe").length > 1;
    if (again) socket.send(say.accepted(request.id));
    // Only the first topic of the first request flows, nothing is acknowledged.
    for (const topic of again ? request.topics : ["t.AA_X"]) {
      socket.send(say.top(topic, ["1", "1"], ["2", "1"]));
    }
  };
  using feed = feedOn(exchange, SYMBOLS, { ackTimeoutMs: 1_000 });
  await until(() => feed.rows.are([fresh, fresh, fresh]), "all fresh");
  const [first, ...later] = exchange.of("subscribe");
  assert.equal(first?.topics.length, 3);
  assert.deepEqual(later.flatMap(({ topics }) => topics).sort(), ["t.BB_X", "t.CC_X"]);
  assert(later.every(({ topics }) => topics.length === 1));
});

Deno.test("feed probes a quiet connection, and a connection that answers stays", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange, SYMBOLS, { probeAfterMs: 50, silentAfterMs: 5_000 });
  await until(() => exchange.of("ping").length >= 3, "three probes");
  assert(feed.rows.are([fresh, fresh, fresh]));
  assert.equal(exchange.sockets.length, 1);
});

Deno.test("feed that falls silent makes its quotes stale and connects anew; only new data makes them fresh", async () => {
  await using exchange = new TinyExchange();
  const answer = exchange.onRequest;
  exchange.onRequest = (request, socket) => {
    if (request.op === "subscribe" && request.connection === 0) answer(request, socket);
  };
  using feed = feedOn(exchange, SYMBOLS, { probeAfterMs: 1_000, silentAfterMs: 1_000 });
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  await until(() => feed.rows.are([stale, stale, stale]), "stale");
  await until(() => exchange.of("subscribe").length >= 2, "subscribed anew");
  assert(feed.rows.are([stale, stale, stale]));
  exchange.onRequest = answer;
  exchange.send(say.top("t.BB_X", ["100", "1"], ["101", "2"]));
  await until(() => feed.rows.at(1).state === fresh, "the first fresh again");
  await until(() => feed.telemetry.reconnects >= 1, "reconnects counted");
  assert(feed.logs.some(({ message }) => message === "Feed is silent, connecting anew"));
});

Deno.test("feed with heartbeats but no data is silent", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange, SYMBOLS, { dataSilenceMs: 200 });
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  const beat = setInterval(() => exchange.send(say.alive()), 10);
  try {
    await until(
      () => feed.logs.some(({ fields }) => /^Heartbeats but no data/.test(`${fields.reason}`)),
      "silent",
    );
    assert(feed.rows.read().all.some(({ state }) => state === stale));
    await until(() => exchange.sockets.length >= 2, "connected anew");
  } finally {
    clearInterval(beat);
  }
});

Deno.test("feed renews one silent topic and leaves the others alone", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange, SYMBOLS, {}, tinyVenue({ topicSilenceMs: 2_000 }));
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  const flow = setInterval(() => {
    for (const topic of ["t.AA_X", "t.CC_X"]) exchange.send(say.top(topic, ["100", "1"], ["101", "2"]));
  }, 10);
  try {
    await until(() => exchange.of("unsubscribe").length >= 1, "unsubscribed");
    assert(feed.rows.read().all.some(({ cell, state }) => cell === 1 && state === stale));
    await until(() => feed.rows.at(1).state === fresh, "fresh again");
    assert.deepEqual(exchange.of("unsubscribe")[0]?.topics, ["t.BB_X"]);
    assert(feed.rows.all.every(({ cell, state }) => cell === 1 || state === fresh));
    assert.equal(exchange.sockets.length, 1);
  } finally {
    clearInterval(flow);
  }
});

Deno.test("feed withdraws a quote at a gap, subscribes it anew, and quotes it after the next snapshot", async () => {
  await using exchange = new TinyExchange();
  const quote = exchange.onRequest;
  exchange.onRequest = (request, socket) => {
    if (request.op !== "subscribe") return;
    if (!request.topics.includes("t.AA_X")) return quote(request, socket);
    socket.send(say.accepted(request.id));
    for (const topic of request.topics) socket.send(say.snapshot(topic, 10, [["100", "1"]], [["101", "1"]]));
  };
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  exchange.send(say.delta("t.AA_X", 11, [["100.5", "1"]], []));
  await until(() => feed.rows.at(0).bid === 100.5, "the delta");
  // A delta that follows on 12 when the book stands at 11, and one that would fit after it.
  exchange.send(say.delta("t.AA_X", 13, [["100.7", "1"]], []));
  exchange.send(say.delta("t.AA_X", 14, [["100.8", "1"]], []));
  await until(() => exchange.of("unsubscribe").length === 1, "unsubscribed");
  await until(() => feed.rows.at(0).state === fresh, "fresh again");
  const history = feed.rows.all.filter(({ cell }) => cell === 0).map(({ state, bid }) => [state, bid]);
  assert.deepEqual(history, [[fresh, 100], [fresh, 100.5], [withdrawn, NaN], [fresh, 100]]);
  assert.deepEqual(exchange.of("subscribe").map(({ topics }) => topics.length), [3, 1]);
  assert.equal(feed.telemetry.gaps, 1);
  assert.equal(exchange.sockets.length, 1);
});

Deno.test("feed withdraws a quote without one side, and one whose sides cross", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  exchange.send(say.top("t.AA_X", ["100", "1"], null));
  exchange.send(say.top("t.BB_X", ["101", "1"], ["101", "1"]));
  exchange.send(say.top("t.CC_X", ["1e999", "1"], ["101", "1"]));
  await until(() => feed.rows.are([withdrawn, withdrawn, withdrawn]), "withdrawn");
  assert.equal(feed.telemetry.malformed, 2);
  exchange.send(say.top("t.AA_X", ["100", "1"], ["101", "2"]));
  await until(() => feed.rows.at(0).state === fresh, "fresh again");
});

Deno.test("feed counts malformed, binary and oversized frames and tells of them once in a while", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange, SYMBOLS, { maxFrameCharacters: 2_000 });
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  for (let n = 0; n < 50; n++) exchange.send(`garbage ${"x".repeat(500)}`);
  exchange.send(new Uint8Array([1, 2, 3]));
  exchange.send(`${" ".repeat(2_000)}{}`);
  exchange.send(say.top("t.AA_X", ["7", "1"], ["8", "1"]));
  await until(() => feed.rows.at(0).bid === 7, "the frame after");
  assert.equal(feed.telemetry.malformed, 52);
  const said = feed.logs.filter(({ message }) => message === "Frames that cannot be understood");
  assert.equal(said.length, 1);
  assert.equal(`${said[0]?.fields.excerpt}`.length, 200);
  assert.equal(exchange.sockets.length, 1);
});

Deno.test("feed whose connection is cut has stale quotes at once and comes back", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange);
  for (const cuts of [1, 2, 3]) {
    await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
    for (const socket of exchange.open) socket.close(1012, "Restart");
    await until(() => exchange.open.length === 1 && exchange.sockets.length === cuts + 1, "connected anew");
  }
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh at last");
  const states = feed.rows.all.filter(({ cell }) => cell === 0).map(({ state }) => state);
  assert.deepEqual(states, [fresh, stale, fresh, stale, fresh, stale, fresh]);
  const lost = feed.logs.filter(({ message }) => message === "Connection lost");
  assert.equal(lost.length, 3);
  assert.match(`${lost[0]?.fields.reason}`, /1012 Restart/);
});

Deno.test("feed goes before the venue closes, and comes back", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  exchange.send(say.closing("Upgrade"));
  await until(
    () => exchange.sockets.length === 2 && feed.rows.are([fresh, fresh, fresh]),
    "fresh on the next",
  );
  assert(feed.logs.some(({ message }) => message === "Venue closes soon, connecting anew"));
});

Deno.test("feed keeps trying a venue that is not there, with growing waits", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const dataDir = Deno.makeTempDirSync();
  const spec = specOf(SYMBOLS, {
    wsUrl: `ws://127.0.0.1:${port}/`,
    restUrl: `http://127.0.0.1:${port}`,
    dataDir,
  });
  using feed = run(spec);
  await until(() => feed.telemetry.reconnects >= 5, "five attempts");
  await until(() => feed.telemetry.feedState === FeedState.disconnected, "disconnected in telemetry");
  const waits = feed.logs.filter(({ message }) => message === "Cannot connect").map(({ fields }) =>
    fields.delayMs
  );
  for (const [at, wait] of waits.entries()) {
    assert(
      (wait as number) >= 20 && (wait as number) <= Math.min(100, 20 * 2 ** (at + 1)),
      `Wait ${at}: ${wait}`,
    );
  }
  Deno.removeSync(dataDir, { recursive: true });
});

Deno.test("feed gives up a handshake that nobody answers", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) accepted.push(connection);
  })();
  const dataDir = Deno.makeTempDirSync();
  const { port } = listener.addr;
  const spec = specOf(SYMBOLS, { wsUrl: `ws://127.0.0.1:${port}/`, restUrl: "http://127.0.0.1:1", dataDir });
  {
    using feed = run(spec, { connectTimeoutMs: 50 });
    await until(() => feed.telemetry.reconnects >= 2, "two more attempts");
    assert(feed.logs.some(({ fields }) => fields.reason === "Not open after 50 ms"));
  }
  for (const connection of accepted) connection.close();
  listener.close();
  await accepting;
  Deno.removeSync(dataDir, { recursive: true });
});

Deno.test("feed that is refused with 429 waits as long as Retry-After says", async () => {
  await using exchange = new TinyExchange();
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  exchange.refuse = () => new Response("Slow down", { status: 429, headers: { "retry-after": "3600" } });
  for (const socket of exchange.open) socket.close();
  await until(() => feed.logs.some(({ message }) => message === "Venue asks to wait"), "told to wait");
  const { fields } = feed.logs.find(({ message }) => message === "Venue asks to wait")!;
  assert.equal(fields.status, 429);
  // An hour is more than we wait for; the cap is five minutes, and up to a tenth is added.
  assert((fields.delayMs as number) >= 300_000 && (fields.delayMs as number) <= 330_000);
  assert(feed.rows.are([stale, stale, stale]));
});

Deno.test("feed that was refused with 503 comes back when it may", async () => {
  await using exchange = new TinyExchange();
  let refusals = 0;
  using feed = feedOn(exchange);
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
  exchange.refuse = () => {
    refusals++;
    return new Response(null, { status: 503, headers: { "retry-after": "0" } });
  };
  for (const socket of exchange.open) socket.close();
  await until(() => refusals >= 4, "refused");
  exchange.refuse = null;
  await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh again");
});

Deno.test("feed reads the list anew and connects anew only where it changes what is subscribed", async () => {
  await using exchange = new TinyExchange();
  exchange.list = listOf(["AA-X"]);
  using feed = feedOn(exchange, SYMBOLS, { listRefreshMs: 50 });
  await until(() => feed.rows.at(0).state === fresh, "fresh");
  await until(() => exchange.asked.length >= 3, "read anew");
  assert.equal(exchange.sockets.length, 1);
  exchange.list = listOf(["BB-X", "CC-X"]);
  await until(() => feed.rows.are([withdrawn, fresh, fresh]), "the others instead");
  assert.equal(exchange.sockets.length, 2);
});

Deno.test("feed paces its requests", async () => {
  await using exchange = new TinyExchange();
  const sentAt: number[] = [];
  const answer = exchange.onRequest;
  exchange.onRequest = (request, socket) => {
    sentAt.push(performance.now());
    answer(request, socket);
  };
  const symbols = Array.from({ length: 6 }, (_, at) => `S${at}-X`);
  const limits = { topicsPerRequest: 1, requestsPerSecond: 4 };
  const startedAt = performance.now();
  using feed = feedOn(exchange, symbols, {}, tinyVenue({ limits }));
  await until(() => feed.rows.are(symbols.map(() => fresh)), "all fresh");
  // The fifth is sent a second after the first at the earliest; when the first arrived does not say when it was sent.
  assert(sentAt[4]! - startedAt >= 900);
});

Deno.test("feed started and stopped a hundred times leaves no socket, timer or request", async () => {
  await using exchange = new TinyExchange();
  for (let cycle = 0; cycle < 100; cycle++) {
    using feed = feedOn(exchange);
    // Some are stopped when they quote, some while they dial, some while they read the list.
    const { length } = exchange.asked;
    if (cycle % 3 === 0) await until(() => feed.rows.are([fresh, fresh, fresh]), "fresh");
    else if (cycle % 3 === 1) await until(() => exchange.asked.length > length, "list asked for");
  }
  await until(() => exchange.open.length === 0, "all sockets closed");
});
