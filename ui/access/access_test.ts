import assert from "node:assert/strict";
import type { Client } from "../../core/ports/connection.ts";
import { createApp } from "../app.ts";
import { Assets } from "../assets.ts";
import type { AppContext } from "../env.ts";
import type { AccessSettings } from "./access.ts";

const ADMIN = "admin-token-of-the-test";
const READ = "read-token-of-the-test";
const HOST = "127.0.0.1:8080";
const ELSEWHERE: Client = { address: "192.0.2.7", group: "192.0.2.7", local: false, secure: false };

type Headers = Record<string, string>;

function open(access: Partial<AccessSettings> = {}, always?: Client) {
  const lines: { message: string; [field: string]: unknown }[] = [];
  const assets = new Assets();
  assets.add("/styles.css", new TextEncoder().encode("body{}"));
  const app = createApp({} as AppContext, {
    islands: {},
    routes: {
      "thing.ts": { GET: (c) => c.text("read"), POST: (c) => c.text("changed") },
      "stream.ts": { GET: () => new Response(new ReadableStream()) },
    },
  }, { access, assets, log: { warning: (message, fields) => void lines.push({ message, ...fields }) } });
  const ask = (method: string, path: string, headers: Headers = {}, client = always) =>
    app.request(
      `http://${HOST}${path}`,
      { method, headers: { host: HOST, ...headers } },
      client && { client },
    );
  return {
    lines,
    ask,
    status: async (method: string, headers: Headers = {}, path = "/thing", client = always) =>
      (await ask(method, path, headers, client)).status,
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (token: string) => ({ authorization: `Basic ${btoa(`anybody:${token}`)}` });

Deno.test("only names that are ours are answered, and the setting for others is named", async () => {
  const { status, ask } = open({ host: "box", hosts: ["prices.example.com"] });
  for (
    const host of [
      "localhost",
      "localhost:1",
      "a.localhost",
      "LOCALHOST",
      "localhost.",
      "127.0.0.1",
      "[::1]:80",
    ]
      .concat(["10.0.0.5:80", "prices.example.com", "Prices.Example.Com:8443", "box", "box:80"])
  ) assert.equal(await status("GET", { host }), 200, host);
  for (
    const host of [
      "evil.example",
      "localhost.evil.example",
      "prices.example.com.evil.example",
      "xlocalhost",
      "a b",
    ]
      .concat(["127.0.0.1.evil.example", "", "evil.example:127.0.0.1"])
  ) {
    for (const method of ["GET", "POST", "OPTIONS"]) assert.equal(await status(method, { host }), 421, host);
    assert.equal(await status("GET", { host }, "/styles.css"), 421);
  }
  const { detail } = await (await ask("GET", "/thing", { host: "evil.example" })).json();
  assert.match(detail, /evil\.example.*server\.hosts/u);
});

Deno.test("without a token only this machine changes anything, and everybody reads", async () => {
  const here = open();
  assert.equal(await here.status("POST"), 200);
  const elsewhere = open({}, ELSEWHERE);
  assert.equal(await elsewhere.status("GET"), 200);
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
    assert.equal(await elsewhere.status(method), 403, method);
  }
  assert.equal(await elsewhere.status("POST", bearer(ADMIN)), 403, "there is no token to know");
  const { detail } = await (await elsewhere.ask("POST", "/thing")).json();
  assert.match(detail, /server\.adminToken/u);
});

Deno.test("once there is a token for changes, everybody needs it, on this machine too", async () => {
  for (const client of [undefined, ELSEWHERE]) {
    const { status, ask } = open({ adminToken: ADMIN }, client);
    assert.equal(await status("GET"), 200);
    assert.equal(await status("POST", bearer(ADMIN)), 200);
    assert.equal(await status("POST", basic(ADMIN)), 200);
    const refused = await ask("POST", "/thing");
    assert.equal(refused.status, 401);
    // A browser asks for a password by itself where it reads Basic; the page has words of its own.
    assert.equal(refused.headers.get("www-authenticate"), 'Bearer realm="MarketFlow"');
    assert.equal(await status("POST", bearer(`${ADMIN}x`)), 401);
    assert.equal(await status("POST", { authorization: "Basic !!!" }), 401);
  }
});

Deno.test("once there is a token for reading, nothing is told without it", async () => {
  const { status, ask } = open({ readToken: READ });
  for (const path of ["/thing", "/stream", "/styles.css", "/nowhere", "/"]) {
    for (const method of ["GET", "HEAD", "OPTIONS", "POST"]) {
      assert.equal(await status(method, {}, path), 401, `${method} ${path}`);
    }
  }
  const refused = await ask("GET", "/thing");
  assert.match(
    refused.headers.get("www-authenticate")!,
    /^Basic realm="MarketFlow", charset="UTF-8", Bearer /u,
  );
  assert.match((await refused.json()).detail, /server\.readToken/u);
  assert.equal(await status("GET", bearer(READ)), 200);
  assert.equal(await status("GET", basic(READ), "/styles.css"), 200);
  assert.equal(await status("POST", bearer(READ)), 200, "this machine");
  assert.equal(await open({ readToken: READ }, ELSEWHERE).status("POST", bearer(READ)), 403);
});

Deno.test("who may change may read, and not the other way round", async () => {
  const { status } = open({ readToken: READ, adminToken: ADMIN }, ELSEWHERE);
  assert.equal(await status("GET", bearer(ADMIN)), 200);
  assert.equal(await status("POST", bearer(ADMIN)), 200);
  assert.equal(await status("GET", bearer(READ)), 200);
  assert.equal(await status("POST", bearer(READ)), 401);
});

Deno.test("wrong tokens become rare for whoever sends them, and the log has none of them", async () => {
  const { status, ask, lines } = open({ adminToken: ADMIN, readToken: READ }, ELSEWHERE);
  for (let i = 0; i < 10; i++) assert.equal(await status("GET", bearer(`guess-number-${i}`)), 401);
  const limited = await ask("GET", "/thing", bearer(ADMIN));
  assert.equal(limited.status, 429, "the right one neither: else a guess would be told by its answer");
  assert.ok(Number(limited.headers.get("retry-after")) >= 1);
  assert.equal(await status("GET"), 401, "who sends none is asked for one as ever");
  const told = { address: ELSEWHERE.address, path: "/thing" };
  assert.deepEqual(lines, [
    { message: "Wrong token", ...told },
    { message: "Too many wrong tokens", ...told },
  ]);
});

Deno.test("wrong tokens that come through a proxy nobody trusts leave this machine its own guesses", async () => {
  const { status } = open({ readToken: READ });
  const behind: Client = { address: "127.0.0.1", group: "127.0.0.1", local: false, secure: false };
  for (let i = 0; i < 10; i++) assert.equal(await status("GET", bearer(`wrong-${i}`), "/thing", behind), 401);
  assert.equal(await status("GET", bearer(READ), "/thing", behind), 429);
  assert.equal(await status("GET", bearer(READ)), 200);
});

Deno.test("a token for reading is no guess where one for changes was needed", async () => {
  const { status, lines } = open({ adminToken: ADMIN, readToken: READ });
  for (let i = 0; i < 30; i++) assert.equal(await status("POST", bearer(READ)), 401);
  assert.equal(await status("POST", bearer(ADMIN)), 200);
  assert.deepEqual(lines, []);
});

Deno.test("a client elsewhere gets 429 with the time to wait, one on this machine never", async () => {
  const limits = { requestsPerSecond: 1, burst: 3, openPerAddress: 10 };
  const { status, ask } = open({ limits }, ELSEWHERE);
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push(await status("GET"));
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  const refused = await ask("GET", "/thing");
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await refused.json()).title, "Too many requests");
  const here = open({ limits });
  for (let i = 0; i < 50; i++) assert.equal(await here.status("GET"), 200);
});

Deno.test("no page of another site reads, unless its origin is allowed, and never with what a browser keeps", async () => {
  const origin = "https://board.example";
  const closed = await open().ask("GET", "/thing", { origin });
  assert.equal(closed.headers.get("access-control-allow-origin"), null);
  const { ask } = open({ corsOrigins: [origin] });
  const response = await ask("GET", "/thing", { origin });
  assert.equal(response.headers.get("access-control-allow-origin"), origin);
  assert.equal(response.headers.get("access-control-allow-credentials"), null);
  assert.match(response.headers.get("vary")!, /Origin/u);
  const other = await ask("GET", "/thing", { origin: "https://evil.example" });
  assert.equal(other.headers.get("access-control-allow-origin"), null);
  assert.match(other.headers.get("vary")!, /Origin/u);
  const any = await open({ corsOrigins: ["*"] }).ask("GET", "/thing", { origin: "https://evil.example" });
  assert.equal(any.headers.get("access-control-allow-origin"), "*");
  const missing = await ask("GET", "/nowhere", { origin });
  assert.equal(
    missing.headers.get("access-control-allow-origin"),
    origin,
    "its scripts can read errors, too",
  );
});

Deno.test("a browser that asks before it asks is told of reading alone, without a token", async () => {
  const origin = "https://board.example";
  const preflight = { origin, "access-control-request-method": "GET" };
  const { ask } = open({ corsOrigins: [origin], readToken: READ });
  const response = await ask("OPTIONS", "/thing", preflight);
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("access-control-allow-methods"), "GET, HEAD");
  assert.equal(response.headers.get("access-control-allow-origin"), origin);
  assert.match(response.headers.get("access-control-allow-headers")!, /Authorization/u);
  const foreign = await ask("OPTIONS", "/thing", { ...preflight, origin: "https://evil.example" });
  assert.equal(foreign.status, 401);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
});

Deno.test("a page that may read changes nothing", async () => {
  const origin = "https://board.example";
  const { status } = open({ corsOrigins: [origin], adminToken: ADMIN });
  assert.equal(await status("POST", { origin, ...bearer(ADMIN) }), 403);
});

Deno.test("a WebSocket of another page is refused, and one of a page that may read brings no password of the browser", async () => {
  const origin = "https://board.example";
  const upgrade = { upgrade: "WebSocket", connection: "Upgrade" };
  assert.equal(await open().status("GET", { ...upgrade, origin }), 403);
  assert.equal(await open().status("GET", { ...upgrade, origin: "null" }), 403);
  assert.equal(await open().status("GET", { ...upgrade, origin: `http://${HOST}` }), 200);
  assert.equal(await open().status("GET", upgrade), 200);
  const { status } = open({ corsOrigins: ["*"], readToken: READ });
  assert.equal(await status("GET", { ...upgrade, origin, ...basic(READ) }), 401);
  assert.equal(await status("GET", { ...upgrade, origin: `http://${HOST}`, ...basic(READ) }), 200);
  assert.equal(await open({ corsOrigins: ["*"] }).status("GET", { ...upgrade, origin }), 200);
});

Deno.test("behind TLS a browser is told to stay with it, and elsewhere not", async () => {
  const secure = await open({}, { ...ELSEWHERE, secure: true }).ask("GET", "/nowhere");
  assert.equal(secure.headers.get("strict-transport-security"), "max-age=31536000");
  const plain = await open({}, ELSEWHERE).ask("GET", "/thing");
  assert.equal(plain.headers.get("strict-transport-security"), null);
});

Deno.test("every refusal has the headers of every answer, and is a problem document", async () => {
  const answers = [
    await open().ask("GET", "/thing", { host: "evil.example" }),
    await open({ adminToken: ADMIN }).ask("POST", "/thing"),
    await open({}, ELSEWHERE).ask("POST", "/thing"),
    await open().ask("POST", "/thing", { "sec-fetch-site": "cross-site" }),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [421, 401, 403, 403]);
  for (const { headers } of answers) {
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.match(headers.get("content-security-policy")!, /default-src 'none'/u);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.match(headers.get("permissions-policy")!, /camera=\(\)/u);
  }
});
