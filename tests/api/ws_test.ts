import assert from "node:assert/strict";
import { OPCODE, Peer } from "../websocket.ts";
import { json } from "../../adapters/protocols/json.ts";
import { openProgram, until } from "./program.ts";
import { SocketClient } from "./ws_client.ts";

const PROTOBUF = "marketflow.v1.protobuf";
const JSON_TEXT = "marketflow.v1.json";

type Program = ReturnType<typeof openProgram>;

/** Makes an opportunity of about 80 bps on BTC-USDT, and ends it again. */
async function open(program: Program, symbol = "BTC-USDT"): Promise<void> {
  await program.quote("bybit", symbol, 99.9, 100);
  await program.quote("okx", symbol, 101, 101.1);
}
const close = (program: Program) => program.quote("okx", "BTC-USDT", 99.9, 100.1);

for (const protocol of [PROTOBUF, JSON_TEXT]) {
  Deno.test(`opportunities come as snapshot, updates and closes in ${protocol}, as REST tells them`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await open(program, "ETH-USDT");
    const { body } = await program.get("/opportunities");
    const client = await SocketClient.open(`${server.url}/opportunities/ws`, ["chat", protocol]);
    assert.equal(client.protocol, protocol);
    const [, snapshot] = await client.until("subscribed", "opportunitySnapshot");
    assert.deepEqual([...client.forms], [protocol === PROTOBUF ? "binary" : "text"]);
    assert.equal(snapshot!.body.mode, protocol === PROTOBUF ? "MODE_TEST" : "test");
    assert.deepEqual(snapshot!.body.opportunities.map((one: { id: string }) => one.id), [
      body.opportunities[0].id,
    ]);
    for (const [name, value] of Object.entries(body.opportunities[0])) {
      const told = snapshot!.body.opportunities[0][name] ?? 0;
      if (typeof value !== "number") assert.equal(told, value, name);
      // JSON has whole milliseconds, and no noise of binary fractions.
      else assert.ok(Math.abs(told - value) <= (name.endsWith("At") ? 0.5 : 1e-9 * Math.abs(value)), name);
    }
    await open(program);
    await close(program);
    const [, , opened, closed] = await client.until(
      "subscribed",
      "opportunitySnapshot",
      "opportunityUpdate",
      "opportunityClose",
    );
    const ended = protocol === PROTOBUF ? closed!.body.opportunity : closed!.body;
    assert.equal(ended.id, opened!.body.id);
    assert.equal(
      closed!.body.reason,
      protocol === PROTOBUF ? "CLOSE_REASON_BELOW_THRESHOLD" : "below_threshold",
    );
    assert.deepEqual(
      client.messages.slice(2).map(({ sequence }) => sequence),
      [snapshot!.sequence + 1, snapshot!.sequence + 2],
    );
    await client.leave();
    await until("its place is free", () => program.streams.stats().clients === 0);
  });

  Deno.test(`quotes come as snapshot and updates in ${protocol}, those that are gone are named`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await program.quote("bybit", "BTC-USDT", 99, 100);
    const client = await SocketClient.open(`${server.url}/quotes/ws?exchange=BYBIT`, [protocol]);
    const [subscribed, snapshot] = await client.until("subscribed", "quoteSnapshot");
    assert.equal(subscribed!.body.exchange, "bybit");
    const { body } = await program.get("/prices/latest/BTC-USDT");
    for (const [name, value] of Object.entries(body.quotes[0]).filter(([_, value]) => value !== null)) {
      const told = snapshot!.body.quotes[0][name];
      if (typeof value === "number") assert.ok(Math.abs(told - value) <= 0.5, name);
      else assert.equal(told, value, name);
    }
    await program.quote("okx", "BTC-USDT", 99, 100);
    await program.quote("bybit", "ETH-USDT", 9, 10);
    await client.until("subscribed", "quoteSnapshot", "quoteUpdate");
    assert.deepEqual(client.last.body.quotes.map((one: { symbol: string }) => one.symbol), ["ETH-USDT"]);
    await program.quote("bybit", "BTC-USDT", NaN, NaN);
    await client.until("subscribed", "quoteSnapshot", "quoteUpdate", "quoteUpdate");
    assert.deepEqual(client.last.body.withdrawn, [{ exchange: "bybit", symbol: "BTC-USDT" }]);
    assert.ok(client.last.sequence > client.messages[2]!.sequence);
    await client.leave();
  });

  Deno.test(`a client of ${protocol} asks for another filter, and a wrong one leaves the present one`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await open(program);
    await open(program, "ETH-USDT");
    const client = await SocketClient.open(`${server.url}/opportunities/ws?symbol=btcusdt`, [protocol]);
    await client.until("subscribed", "opportunitySnapshot");
    assert.deepEqual(client.last.body.opportunities.map((one: { symbol: string }) => one.symbol), [
      "BTC-USDT",
    ]);
    client.subscribe({ symbol: "eth/usdt", minNetBps: 2.5 });
    await client.until("subscribed", "opportunitySnapshot", "subscribed", "opportunitySnapshot");
    assert.deepEqual({ ...client.messages[2]!.body, exchange: "" }, {
      symbol: "ETH-USDT",
      exchange: "",
      minNetBps: 2.5,
    });
    assert.deepEqual(client.last.body.opportunities.map((one: { symbol: string }) => one.symbol), [
      "ETH-USDT",
    ]);
    client.subscribe({ symbol: "NOPE-USDT" });
    client.send(protocol === PROTOBUF ? new Uint8Array([255, 255]) : "{");
    await until("both are answered", () => client.kinds.filter((kind) => kind === "problem").length === 2);
    assert.match(client.messages[4]!.body.detail, /^symbol: .*NOPE-USDT/u);
    assert.match(
      client.last.body.detail,
      protocol === PROTOBUF ? /no marketflow\.v1\.ClientMessage/u : /no JSON/u,
    );
    await program.quote("okx", "ETH-USDT", 101.2, 101.3);
    await until("the stream goes on", () => client.last.kind === "opportunityUpdate");
    assert.equal(client.last.body.sellPrice, 101.2);
    await client.leave();
  });
}

Deno.test("a client that names no subprotocol gets protobuf, one that names only unknown ones is told which there are", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const client = await SocketClient.open(`${server.url}/opportunities/ws`);
  assert.equal(client.protocol, "");
  await client.until("subscribed", "opportunitySnapshot");
  assert.deepEqual([...client.forms], ["binary"]);
  await client.leave();
  await assert.rejects(
    () => SocketClient.open(`${server.url}/opportunities/ws`, ["marketflow.v9.protobuf"]),
    /400/u,
  );
  const answer = await upgrade(server.url, "/opportunities/ws", "marketflow.v9.protobuf");
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body.knownSubprotocols, [PROTOBUF, JSON_TEXT]);
});

/** Asks for a WebSocket by hand, to read an answer that refuses. */
async function upgrade(url: string, path: string, protocol = PROTOBUF) {
  const { port } = new URL(url);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  ));
  const text = await new Response(connection.readable).text();
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), body: JSON.parse(body) };
}

Deno.test("what is wrong with a WebSocket's address is answered as for any request", async () => {
  await using program = openProgram({ limits: { maxClients: 1 } });
  await using server = await program.serve();
  const wrong = await upgrade(server.url, "/opportunities/ws?symbol=NOPE-USDT&minNetBps=x");
  assert.equal(wrong.status, 400);
  assert.deepEqual(wrong.body.errors.map((one: { path: string }) => one.path).sort(), [
    "minNetBps",
    "symbol",
  ]);
  assert.equal((await upgrade(server.url, "/nowhere")).status, 404);
  const plain = await fetch(`${server.url}/quotes/ws`);
  assert.equal(plain.status, 426);
  assert.equal(plain.headers.get("upgrade"), "websocket");
  await plain.body?.cancel();
  const client = await SocketClient.open(`${server.url}/opportunities/ws`);
  const full = await upgrade(server.url, "/quotes/ws");
  assert.equal(full.status, 503);
  assert.match(full.body.detail, /maxClients/u);
  await client.leave();
});

Deno.test("a client that comes back with the last sequence gets what it missed, of opportunities and of quotes", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const before = await SocketClient.open(`${server.url}/opportunities/ws`);
  const quotesBefore = await SocketClient.open(`${server.url}/quotes/ws`);
  await before.until("subscribed", "opportunitySnapshot");
  await quotesBefore.until("subscribed", "quoteSnapshot");
  const [seen, seenQuotes] = [before.last.sequence, quotesBefore.last.sequence];
  await before.leave();
  await quotesBefore.leave();
  await open(program);
  await close(program);
  await until("it is closed", () => program.market.opportunities().length === 0);

  const client = await SocketClient.open(`${server.url}/opportunities/ws?lastSequence=${seen}`, [JSON_TEXT]);
  await client.until("subscribed", "opportunityUpdate", "opportunityClose");
  client.subscribe({ lastSequence: client.messages[1]!.sequence });
  await client.until("subscribed", "opportunityUpdate", "opportunityClose", "subscribed", "opportunityClose");
  await client.leave();

  const quotes = await SocketClient.open(`${server.url}/quotes/ws?lastSequence=${seenQuotes}`, [JSON_TEXT]);
  await quotes.until("subscribed", "quoteUpdate");
  assert.deepEqual(
    quotes.last.body.quotes.map((one: { exchange: string; bid: number }) => [one.exchange, one.bid]).sort(),
    [["bybit", 99.9], ["okx", 99.9]],
  );
  quotes.subscribe({ lastSequence: quotes.last.sequence });
  quotes.subscribe({ lastSequence: 1 });
  await quotes.until("subscribed", "quoteUpdate", "subscribed", "subscribed", "quoteSnapshot");
  await quotes.leave();
});

Deno.test("a mode switch brings a new snapshot on every socket", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await open(program);
  const opportunities = await SocketClient.open(`${server.url}/opportunities/ws`, [JSON_TEXT]);
  const quotes = await SocketClient.open(`${server.url}/quotes/ws`, [JSON_TEXT]);
  await opportunities.until("subscribed", "opportunitySnapshot");
  await quotes.until("subscribed", "quoteSnapshot");
  await program.market.switchMode("live");
  program.streams.checkMode();
  await until(
    "opportunities start anew",
    () => opportunities.last.kind === "opportunitySnapshot" && opportunities.last.body.mode === "live",
  );
  await until(
    "quotes start anew",
    () => quotes.last.kind === "quoteSnapshot" && quotes.last.body.mode === "live",
  );
  assert.deepEqual(quotes.last.body.quotes, []);
  await opportunities.leave();
  await quotes.leave();
});

Deno.test("a client that sends too much, or too large, is disconnected and told why", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const chatty = await SocketClient.open(`${server.url}/opportunities/ws`, [JSON_TEXT]);
  for (let i = 0; i < 21; i++) chatty.subscribe({});
  await until("it is disconnected", () => chatty.closed);
  assert.equal(chatty.closed!.code, 1008);
  assert.match(chatty.closed!.reason, /More than 20 messages/u);
  const large = await SocketClient.open(`${server.url}/opportunities/ws`, [JSON_TEXT]);
  large.send(" ".repeat(20_000));
  await until("it is disconnected", () => large.closed);
  assert.equal(large.closed!.code, 1009);
  await until("their places are free", () => program.streams.stats().clients === 0);
});

Deno.test("the end of the program is told to every socket", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const client = await SocketClient.open(`${server.url}/opportunities/ws`);
  await client.until("subscribed", "opportunitySnapshot");
  program.streams.close();
  await until("it is disconnected", () => client.closed);
  assert.deepEqual(client.closed, { code: 1001, reason: "Shutting down" });
});

Deno.test("a client that falls behind gets the latest of each opportunity, and ends with what is open", async () => {
  await using program = openProgram({ limits: { maxBufferedBytes: 200_000, conflateMs: 0 } });
  await using server = await program.serve();
  const reader = await SocketClient.open(`${server.url}/opportunities/ws`);
  using slow = await Peer.connect(Number(new URL(server.url).port), {
    path: "/opportunities/ws",
    headers: { "Sec-WebSocket-Protocol": JSON_TEXT },
  });
  await until("both are connected", () => program.streams.stats().clients === 2);
  await open(program);
  await open(program, "ETH-USDT");
  let changes = 0;
  while (program.streams.stats().superseded < 300) {
    assert.ok(++changes < 20_000, "Nothing was conflated");
    await program.quote("okx", "BTC-USDT", 101 + changes / 1e6, 102);
  }
  slow.answers = true;
  await slow.read();
  const told = () =>
    slow.frames.filter(({ opcode }) => opcode === OPCODE.text)
      .map(({ payload }) => JSON.parse(new TextDecoder().decode(payload)));
  const price = program.market.opportunities({ symbol: "BTC-USDT" })[0]!.sellPrice;
  await until("it has the latest", () => told().some((one) => one.opportunityUpdate?.sellPrice === price));
  assert.equal(program.streams.stats().cut, 0);
  const sequences = told().slice(1).map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [...sequences].sort((a, b) => a - b));
  await until(
    "the other one has seen every change",
    () => reader.messages.filter(({ kind }) => kind === "opportunityUpdate").length >= changes + 2,
  );
  assert.ok(told().length < changes, `${told().length} of ${changes}`);
  await reader.leave();
});

Deno.test("a client that does not read is cut, and costs the others nothing", async () => {
  await using program = openProgram({ limits: { maxBufferedBytes: 20_000, conflateMs: 0 } });
  await using server = await program.serve();
  const reader = await SocketClient.open(`${server.url}/opportunities/ws`);
  const { port } = new URL(server.url);
  using silent = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await silent.write(new TextEncoder().encode(
    `GET /opportunities/ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  await until("both read", () => program.streams.stats().clients === 2);
  let episodes = 0;
  while (program.streams.stats().cut === 0) {
    assert.ok(++episodes < 100_000, "It was never cut");
    await open(program);
    await close(program);
  }
  await until("the connection is gone", () => program.streams.stats().clients === 1);
  await assert.rejects(async () => {
    while (await silent.read(new Uint8Array(1 << 20)) !== null);
  }, Deno.errors.ConnectionReset);
  await until(
    "the other one has seen it all",
    () => reader.kinds.filter((kind) => kind === "opportunityClose").length === episodes,
  );
  await reader.leave();
});

Deno.test("a fault of ours while something is sent ends one connection and not the program", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const hit = await SocketClient.open(`${server.url}/quotes/ws`, [JSON_TEXT]);
  const other = await SocketClient.open(`${server.url}/quotes/ws`, [PROTOBUF]);
  await hit.until("subscribed", "quoteSnapshot");
  await other.until("subscribed", "quoteSnapshot");
  const { update } = json.quotes;
  try {
    json.quotes.update = () => {
      throw new Error("The test makes this message fail");
    };
    await program.quote("bybit", "BTC-USDT", 99, 100);
    await until("its connection is gone", () => hit.closed);
  } finally {
    json.quotes.update = update;
  }
  await other.until("subscribed", "quoteSnapshot", "quoteUpdate");
  await until("its place is free", () => program.streams.stats().clients === 1);
  await other.leave();
});
