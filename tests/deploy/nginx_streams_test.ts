/** Streams of the program behind the nginx that is shipped: nothing is held back, resumed streams miss nothing. */
import assert from "node:assert/strict";
import { startProgram } from "../program/program.ts";
import { until } from "../program/process.ts";
import { Stream } from "../program/stream.ts";
import { freePort } from "../ports.ts";
import { curl, jsonOf } from "./curl.ts";
import { Nginx, nginxIsMissing, type NginxOptions } from "./nginx.ts";

const ignore = nginxIsMissing();
const nginxTest = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

/** Every difference is an opportunity, so that there is always something to tell. */
const LIVELY = { mode: "test", screener: { minNetBps: -10_000 } };

function program(more: Record<string, unknown> = {}, port = freePort()) {
  const server = { trustedProxies: ["127.0.0.1"], ...(more.server as Record<string, unknown>) };
  return startProgram({ ...LIVELY, ...more, server }, ["--port", String(port)]);
}

async function both(more: Record<string, unknown> = {}, options: Partial<NginxOptions> = {}) {
  const port = freePort();
  const marketflow = await program(more, port);
  const nginx = await Nginx.start({ upstream: port, ...options });
  return {
    marketflow,
    nginx,
    port,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await marketflow[Symbol.asyncDispose]();
    },
  };
}

/** How many readers of streams the program has, by its own word. */
async function metric(port: number, name: string): Promise<number> {
  const { body } = await curl(`http://127.0.0.1:${port}/metrics`);
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)`, "mu").exec(body)?.[1]);
}

nginxTest("events pass one by one while the stream stays open, and are not packed", async () => {
  await using pair = await both();
  const { nginx } = pair;
  const response = await fetch(`${nginx.url}/opportunities/stream`, {
    headers: { "accept-encoding": "gzip" },
  });
  assert.equal(response.headers.get("content-encoding"), null);
  await response.body!.cancel();
  await using stream = await Stream.connect(nginx.url);
  await until("a snapshot comes", () => stream.events[0]?.kind === "snapshot");
  await until("and what changes", () => stream.events.length > 5);
  assert.equal(stream.end, undefined);
});

nginxTest("over HTTP/2 many streams share a connection, each with its own events", async () => {
  await using pair = await both({}, { server: "tls" });
  const { nginx } = pair;
  const urls = Array.from({ length: 5 }, () => `${nginx.tlsUrl}/opportunities/stream`);
  const child = new Deno.Command("curl", {
    args: ["--silent", "--no-buffer", "--http2", "--parallel", "--cacert", nginx.certificate, ...urls],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  await until("each has its snapshot", () => said.split("event: snapshot").length > urls.length);
  await until("and what changes", () => said.split("event: opportunity").length > urls.length);
  assert.equal(await metric(pair.port, "marketflow_stream_clients"), urls.length);
  child.kill("SIGKILL");
  await reading;
  await child.status;
  await until("the program knows that they are gone", async () => {
    return await metric(pair.port, "marketflow_stream_clients") === 0;
  });
});

nginxTest("a client that comes back with the last id gets what it missed", async () => {
  await using pair = await both();
  const url = `${pair.nginx.url}/opportunities/stream`;
  let last = 0;
  {
    await using stream = await Stream.connect(pair.nginx.url);
    await until("some events come", () => stream.events.length > 5);
    last = stream.events[3]!.id;
  }
  const response = await fetch(url, { headers: { "last-event-id": String(last) } });
  let text = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  while (text.split("\nid: ").length < 3) text += (await reader.read()).value;
  await reader.cancel();
  assert.match(text, /event: (?:opportunity|closed)/u);
  assert.doesNotMatch(text, /event: snapshot/u);
  assert.ok(Number(/^id: (\d+)$/mu.exec(text)![1]) > last);
});

nginxTest("WebSockets pass in both directions, and their end does", async () => {
  await using pair = await both();
  const { nginx } = pair;
  for (const path of ["/opportunities/ws", "/quotes/ws"]) {
    const told: Record<string, unknown>[] = [];
    const socket = new WebSocket(nginx.url.replace("http", "ws") + path, "marketflow.v1.json");
    socket.onmessage = ({ data }) => told.push(JSON.parse(data));
    let ended = false;
    socket.onclose = () => ended = true;
    await until(`${path} says something`, () => told.length > 3);
    assert.equal(socket.protocol, "marketflow.v1.json");
    socket.send('{"subscribe":{"symbol":"ETH-USDT"}}');
    await until("the other filter is there", () =>
      told.some(({ subscribed }) => {
        return (subscribed as { symbol?: string } | undefined)?.symbol === "ETH-USDT";
      }));
    socket.close();
    await until("it is closed", () => ended);
  }
  await until("the program knows that they are gone", async () => {
    return await metric(pair.port, "marketflow_stream_clients") === 0;
  });
  // nginx writes the line after it has let go of the program.
  await until(
    "it is logged",
    () => nginx.log.some(({ path, status }) => path === "/quotes/ws" && status === 101),
  );
});

nginxTest("only WebSockets are upgraded", async () => {
  await using pair = await both();
  const upgrade = ["--header", "Connection: Upgrade", "--header", "Upgrade: h2c"];
  const { status } = await curl(`${pair.nginx.url}/mode`, "--http1.1", ...upgrade);
  assert.equal(status, 200);
});

nginxTest("streams end with the program, and there are new ones when it is back", async () => {
  const port = freePort();
  await using first = await program({}, port);
  await using nginx = await Nginx.start({ upstream: port });
  await using stream = await Stream.connect(nginx.url);
  await until("events come", () => stream.events.length > 1);
  first.process.kill("SIGKILL");
  await first.process.untilEnded();
  await until("the stream ends", () => stream.end !== undefined);
  const refused = await curl(`${nginx.url}/opportunities/stream`);
  assert.deepEqual([refused.status, jsonOf(refused).title], [502, "Bad gateway"]);
  await using _second = await program({}, port);
  await using again = await Stream.connect(nginx.url);
  await until("events come again", () => again.events.length > 1);
});

nginxTest("one stream more than an address may have is refused, until one of them ends", async () => {
  await using pair = await both({}, { variables: { NGINX_STREAMS_PER_ADDRESS: "2" } });
  const { nginx } = pair;
  const open = [await Stream.connect(nginx.url), await Stream.connect(nginx.url)];
  const refused = await curl(`${nginx.url}/opportunities/stream`);
  assert.deepEqual([refused.status, jsonOf(refused).title], [429, "Too many requests"]);
  assert.equal((await curl(`${nginx.url}/mode`)).status, 200, "What is no stream has nothing to do with it");
  await open.pop()![Symbol.asyncDispose]();
  const next = await until("there is room", () => Stream.connect(nginx.url).catch(() => undefined));
  for (const stream of [...open, next!]) await stream[Symbol.asyncDispose]();
});

nginxTest("a client that stops reading is cut by the program, and the others miss nothing", async () => {
  // Some megabytes a second, so that what nginx and the kernel hold is soon full. The other may be late by seconds.
  await using pair = await both({
    symbols: ["BTC-USDT"],
    test: { stepsPerSecond: 1000 },
    server: { stream: { maxBufferedBytes: 16 << 20, conflateMs: 0 } },
  });
  const { nginx, port } = pair;
  await using reader = await Stream.connect(nginx.url);
  const stopped = await Deno.connect({ hostname: "127.0.0.1", port: nginx.port });
  const request = `GET /opportunities/stream HTTP/1.1\r\nHost: localhost:${nginx.port}\r\n\r\n`;
  await stopped.write(new TextEncoder().encode(request));
  await until("both read", async () => await metric(port, "marketflow_stream_clients") === 2);
  await until("one of them is cut", async () => await metric(port, "marketflow_stream_cut_total") > 0);
  assert.equal(await metric(port, "marketflow_stream_clients"), 1);
  await drained(stopped);
  const seen = reader.events.length;
  await until("the other goes on", () => reader.events.length > seen);
  assert.equal(reader.end, undefined);
  assert.ok(!reader.events.slice(1).some(({ kind }) => kind === "snapshot"), "Nothing was left out");
});

/** Reads what is on its way; returns when nothing more can come, which only the end of the connection says. */
async function drained(connection: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(65_536);
  try {
    while (await connection.read(bytes) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  connection.close();
}
