/** Limits and tokens over real connections, of clients that are elsewhere. */
import assert from "node:assert/strict";
import { type Program, startProgram } from "../program/program.ts";
import { until } from "../program/process.ts";

const ADMIN = "admin-token-of-the-test";
const READ = "read-token-of-the-test";

function start(server: Record<string, unknown>, args?: string[]): Promise<Program> {
  return startProgram({ mode: "test", server: { trustedProxies: ["127.0.0.1"], ...server } }, args);
}

/** As a proxy on this machine forwards it. */
function ask(
  { url }: { url: string },
  address: string,
  path = "/mode",
  headers: Record<string, string> = {},
) {
  return fetch(url + path, { headers: { "x-forwarded-for": address, ...headers } });
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.text();
  return response.status;
}

/** A stream that stays open until it is cancelled. */
async function stream(
  program: Program,
  address: string,
): Promise<{ status: number; close(): Promise<void> }> {
  const { status, body } = await ask(program, address, "/opportunities/stream");
  return { status, close: () => body!.cancel() };
}

/** The handshake alone; the connection stays open until it is closed. */
async function webSocket(program: Program, address: string): Promise<{ status: number; close(): void }> {
  const { hostname, port } = new URL(program.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [
    "GET /opportunities/ws HTTP/1.1",
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol: marketflow.v1.json",
    `X-Forwarded-For: ${address}`,
  ];
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const bytes = new Uint8Array(4096);
  const count = await connection.read(bytes);
  const status = Number(new TextDecoder().decode(bytes.subarray(0, count ?? 0)).slice(9, 12));
  return { status, close: () => connection.close() };
}

Deno.test("a client behind a proxy has a limit of its own, and this machine has none", async () => {
  await using program = await start({ limits: { requestsPerSecond: 1, burst: 5 } });
  const flood = await Promise.all(Array.from({ length: 40 }, () => statusOf(ask(program, "192.0.2.1"))));
  assert.ok(flood.includes(429));
  assert.ok(flood.filter((status) => status === 200).length >= 5);
  assert.equal(await statusOf(ask(program, "192.0.2.2")), 200);
  const same = await Promise.all(
    Array.from({ length: 40 }, (_, i) => statusOf(ask(program, `2001:db8:1:2::${i + 1}`))),
  );
  assert.ok(same.includes(429), "a /64 is one client");
  const here = await Promise.all(Array.from({ length: 40 }, () => statusOf(fetch(`${program.url}/mode`))));
  assert.deepEqual([...new Set(here)], [200]);
  await until("it may ask again", () => statusOf(ask(program, "192.0.2.1")), (status) => status === 200);
});

Deno.test("streams and WebSockets of a client are counted together while they are open", async () => {
  await using program = await start({ limits: { openPerAddress: 2 } });
  for (let i = 0; i < 30; i++) assert.equal(await statusOf(ask(program, "192.0.2.1")), 200, `request ${i}`);
  const one = await stream(program, "192.0.2.1");
  const two = await webSocket(program, "192.0.2.1");
  assert.deepEqual([one.status, two.status], [200, 101]);
  const three = await ask(program, "192.0.2.1");
  assert.equal(three.status, 429);
  assert.ok(Number(three.headers.get("retry-after")) > 0);
  assert.match((await three.json()).detail, /open/u);
  const socket = await webSocket(program, "192.0.2.1");
  assert.equal(socket.status, 429);
  socket.close();
  assert.equal(await statusOf(ask(program, "192.0.2.2")), 200);
  two.close();
  await until("its place is free", () => statusOf(ask(program, "192.0.2.1")), (status) => status === 200);
  await one.close();
  const again = [await stream(program, "192.0.2.1")];
  await until("both places are free", async () => {
    const next = await stream(program, "192.0.2.1");
    again.push(next);
    return next.status;
  }, (status) => status === 200);
  for (const { close } of again) await close();
});

Deno.test("connections beyond the bound are closed, and there is room again when others end", async () => {
  await using program = await start({ limits: { connections: 10 } });
  const { hostname, port } = new URL(program.url);
  const open = () => Deno.connect({ hostname, port: Number(port) });
  const idle = await Promise.all(Array.from({ length: 10 }, open));
  await until("it takes no more", async () => {
    const one = await open();
    idle.push(one);
    return await Promise.race([
      one.read(new Uint8Array(1)).catch(() => null),
      new Promise<"open">((resolve) => setTimeout(() => resolve("open"), 200)),
    ]);
  }, (read) => read === null);
  for (const one of idle) one.close();
  await until(
    "it answers again",
    () => statusOf(fetch(`${program.url}/mode`)).catch(() => 0),
    (status) => status === 200,
  );
});

Deno.test("a client in the network reads and changes nothing, and takes no more connections than its own", async () => {
  const own = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  if (own === undefined) return console.warn("Skipped: This machine has no address in a network");
  await using program = await start({ host: "0.0.0.0", limits: { openPerAddress: 3 } });
  const { port } = new URL(program.url);
  const url = `http://${own.address}:${port}`;
  assert.equal(await statusOf(fetch(`${url}/mode`)), 200);
  assert.equal(await statusOf(fetch(`${url}/mode/test`, { method: "POST" })), 403);
  assert.equal(await statusOf(fetch(`http://127.0.0.1:${port}/mode/test`, { method: "POST" })), 200);
  const idle: Deno.Conn[] = [];
  await until("it takes no more", async () => {
    const one = await Deno.connect({ hostname: own.address, port: Number(port) });
    idle.push(one);
    return await Promise.race([
      one.read(new Uint8Array(1)).catch(() => null),
      new Promise<"open">((resolve) => setTimeout(() => resolve("open"), 200)),
    ]);
  }, (read) => read === null);
  assert.equal(await statusOf(fetch(`http://127.0.0.1:${port}/mode`)), 200, "others do not notice");
  for (const one of idle) one.close();
  await until(
    "it answers again",
    () => statusOf(fetch(`${url}/mode`)).catch(() => 0),
    (status) => status === 200,
  );
});

Deno.test("a proxy that is not trusted makes its clients foreign, and speaks for none of them", async () => {
  await using program = await start({ trustedProxies: [], limits: { requestsPerSecond: 1, burst: 2 } });
  const post = (headers: Record<string, string>) =>
    statusOf(fetch(`${program.url}/mode/test`, { method: "POST", headers }));
  assert.equal(await post({}), 200);
  assert.equal(await post({ "x-forwarded-for": "127.0.0.1" }), 403);
  const statuses = [];
  for (let i = 0; i < 20; i++) statuses.push(await statusOf(ask(program, `192.0.2.${i}`)));
  assert.ok(statuses.includes(429), "all of them are one");
});

Deno.test("a token opens the program, as Bearer and as Basic, for streams and WebSockets too", async () => {
  await using program = await start({ readToken: READ, adminToken: ADMIN });
  const bearer = { authorization: `Bearer ${READ}` };
  const basic = { authorization: `Basic ${btoa(`me:${READ}`)}` };
  for (const headers of [bearer, basic]) {
    for (const path of ["/", "/mode", "/health", "/metrics", "/styles.css", "/opportunities"]) {
      assert.equal(await statusOf(ask(program, "192.0.2.1", path, headers)), 200, path);
    }
    const events = await ask(program, "192.0.2.1", "/opportunities/stream", headers);
    assert.equal(events.status, 200);
    await events.body!.cancel();
  }
  assert.equal((await webSocket(program, "192.0.2.1")).status, 401);
  const change = (token: string) =>
    statusOf(fetch(`${program.url}/mode/test`, {
      method: "POST",
      headers: { "x-forwarded-for": "192.0.2.1", authorization: `Bearer ${token}` },
    }));
  assert.deepEqual([await change(READ), await change(ADMIN)], [401, 200]);
});

Deno.test("behind TLS of a trusted proxy answers say to stay with it", async () => {
  await using program = await start({});
  const secure = await ask(program, "192.0.2.1", "/mode", { "x-forwarded-proto": "https" });
  await secure.text();
  assert.equal(secure.headers.get("strict-transport-security"), "max-age=31536000");
  const plain = await ask(program, "192.0.2.1", "/mode", { "x-forwarded-proto": "http" });
  await plain.text();
  assert.equal(plain.headers.get("strict-transport-security"), null);
});
