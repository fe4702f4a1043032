/** The program behind the nginx that is shipped: pages, addresses, TLS, limits, and what is said when something is amiss. */
import assert from "node:assert/strict";
import { startProgram } from "../program/program.ts";
import { until } from "../program/process.ts";
import { freePort } from "../ports.ts";
import { type Answer, curl, jsonOf } from "./curl.ts";
import { fillIn, Nginx, nginxIsMissing, templates } from "./nginx.ts";

const ignore = nginxIsMissing();
const nginxTest = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

const PROXIED = { trustedProxies: ["127.0.0.1"] };
const TOKEN = "for-this-test-alone";

function program(server: Record<string, unknown> = {}, port = 0) {
  return startProgram({ mode: "test", server: { ...PROXIED, ...server } }, ["--port", String(port)]);
}

const portOf = ({ url }: { url: string }) => Number(new URL(url).port);

/** Of many at once, so that a slow machine asks often enough, too. */
async function firstRefused(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  return answers.find(({ status }) => status !== 200);
}

Deno.test("every variable of the templates is explained in them", async () => {
  const folder = new URL("../../deploy/nginx/templates/", import.meta.url);
  const texts = await Promise.all(templates().map((name) => Deno.readTextFile(new URL(name, folder))));
  const used = new Set(texts.join().match(/\$\{(\w+)\}/gu)!.map((one) => one.slice(2, -1)));
  const explained = texts.join().match(/^# {3}\w+(?= {2})/gmu)!.map((line) => line.slice(4));
  assert.deepEqual([...used].sort(), explained.sort());
  assert.equal(fillIn("${A} $A ${B}", { A: "1" }), "1 $A ${B}");
});

nginxTest("nginx finds nothing wrong with the settings, with TLS and without", async () => {
  for (const server of ["plain", "tls"] as const) {
    const { code, said } = await Nginx.check({ upstream: 8080, server });
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /warn|emerg/u);
  }
});

nginxTest("pages, API and files arrive, compressed for whoever takes that", async () => {
  await using marketflow = await program();
  await using nginx = await Nginx.start({ upstream: portOf(marketflow) });
  for (const path of ["/", "/health", "/openapi.json", "/metrics", "/styles.css", "/docs"]) {
    const { status } = await curl(nginx.url + path);
    assert.equal(status, 200, path);
  }
  for (const path of ["/", "/openapi.json", "/styles.css"]) {
    const plain = await curl(nginx.url + path);
    const packed = await curl(nginx.url + path, "--compressed", "--header", "Accept-Encoding: gzip");
    assert.equal(packed.headers.get("content-encoding"), "gzip", path);
    assert.match(packed.headers.get("vary") ?? "", /accept-encoding/iu, path);
    assert.equal(plain.headers.get("content-encoding"), undefined, path);
    assert.ok(packed.bytes < plain.body.length / 2, `${path}: ${packed.bytes} of ${plain.body.length} bytes`);
  }
  const page = await curl(`${nginx.url}/`);
  assert.equal(page.headers.get("server"), "nginx", "It does not say which version it is");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/u);
});

nginxTest("requests are logged with an id and without their query", async () => {
  await using marketflow = await program();
  await using nginx = await Nginx.start({ upstream: portOf(marketflow) });
  const { headers } = await curl(`${nginx.url}/opportunities?exchange=kraken&secret=${TOKEN}`);
  const id = headers.get("x-request-id")!;
  assert.match(id, /^[0-9a-f]{32}$/u);
  const line = await until("it is logged", () => nginx.log.find((one) => one.id === id));
  assert.equal(line!.path, "/opportunities");
  assert.equal(line!.method, "GET");
  assert.ok(!JSON.stringify(nginx.log).includes(TOKEN));
});

nginxTest("with TLS there is HTTP/2, HTTP leads to it, and the program asks for HSTS", async () => {
  await using marketflow = await program();
  const variables = { NGINX_PUBLIC_TLS_PORT: "8443" };
  await using nginx = await Nginx.start({ upstream: portOf(marketflow), server: "tls", variables });
  const trust = ["--cacert", nginx.certificate];
  const page = await curl(`${nginx.tlsUrl}/health`, "--http2", ...trust);
  assert.equal(page.status, 200);
  assert.equal(page.protocol, "2");
  assert.match(page.headers.get("strict-transport-security") ?? "", /max-age=/u);
  const old = await curl(`${nginx.tlsUrl}/health`, "--http1.1", ...trust);
  assert.deepEqual([old.status, old.protocol], [200, "1.1"]);
  const outdated = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"];
  assert.equal(
    (await curl(`${nginx.tlsUrl}/health`, ...trust, ...outdated)).status,
    0,
    "TLS 1.1 is not spoken",
  );
  const redirect = await curl(`${nginx.url}/pairs/BTC-USDT?period=1h`, "--header", "Host: localhost");
  assert.equal(redirect.status, 308);
  assert.equal(redirect.headers.get("location"), "https://localhost:8443/pairs/BTC-USDT?period=1h");
  const mistaken = await curl(`http://localhost:${nginx.tlsPort}/`);
  assert.equal(mistaken.status, 400);
  assert.equal(jsonOf(mistaken).status, 400);
});

nginxTest("the usual port of HTTPS is not written into the redirect", async () => {
  await using nginx = await Nginx.start({ upstream: freePort(), server: "tls" });
  const { headers } = await curl(`${nginx.url}/`, "--header", "Host: prices.example.com");
  assert.equal(headers.get("location"), "https://prices.example.com/");
});

nginxTest("a foreign name is refused by the program, its own names are not", async () => {
  await using marketflow = await program({ hosts: ["prices.example.com"] });
  await using nginx = await Nginx.start({ upstream: portOf(marketflow) });
  const as = async (host: string) =>
    (await curl(`${nginx.url}/opportunities`, "--header", `Host: ${host}`)).status;
  assert.equal(await as("prices.example.com"), 200);
  assert.equal(await as(`localhost:${nginx.port}`), 200);
  assert.equal(await as("evil.example.com"), 421);
});

/** The program limits nobody on its own machine, who is known by a loopback address. This one is none. */
const own = Deno.networkInterfaces().find(({ family, address }) => {
  return family === "IPv4" && !address.startsWith("127.");
});
if (own === undefined) {
  console.log("This machine has loopback addresses only: nobody can come from elsewhere");
}

const counts = "the program counts by the address of the client, and none can be made up";
Deno.test({ name: counts, ignore: ignore || own === undefined }, async () => {
  await using marketflow = await program({ limits: { requestsPerSecond: 1, burst: 5 } });
  const variables = { NGINX_LISTEN: `${own!.address}:${freePort()}` };
  await using _nginx = await Nginx.start({ upstream: portOf(marketflow), variables });
  const url = `http://${variables.NGINX_LISTEN}/mode`;
  const forged = ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "X-Real-IP: 127.0.0.1"];
  const ask = (...args: string[]) => curl(url, ...forged.flatMap((header) => ["--header", header]), ...args);
  assert.equal((await ask()).status, 200);
  const refused = await until("one is refused", () => firstRefused(() => ask()));
  assert.equal(refused!.status, 429);
  assert.match(String(jsonOf(refused!).instance), /^\/mode$/u, "It is the program that refuses");
  assert.equal((await ask("--interface", "127.0.0.2")).status, 200, "Another address is not meant");
  const change = await ask("--request", "POST");
  assert.notEqual(change.status, 200, "Nor may it change anything, without a token");
});

nginxTest("what changes something needs the token behind nginx, too", async () => {
  await using marketflow = await program({ adminToken: TOKEN });
  await using nginx = await Nginx.start({ upstream: portOf(marketflow) });
  const post = (...more: string[]) => curl(`${nginx.url}/mode/test`, "--request", "POST", ...more);
  assert.equal((await post()).status, 401);
  assert.equal((await post("--header", `Authorization: Bearer ${TOKEN}`)).status, 200);
});

nginxTest("an address that asks too often gets a problem with 429, and is answered again later", async () => {
  await using marketflow = await program();
  const variables = { NGINX_REQUESTS_PER_SECOND: "1", NGINX_REQUEST_BURST: "1" };
  await using nginx = await Nginx.start({ upstream: portOf(marketflow), variables });
  const refused = await until("one is refused", () => firstRefused(() => curl(`${nginx.url}/mode`)));
  assert.equal(refused!.status, 429);
  assert.equal(refused!.headers.get("content-type"), "application/problem+json");
  assert.equal(refused!.headers.get("retry-after"), "1");
  assert.equal(jsonOf(refused!).status, 429);
  await until("it is answered again", async () => (await curl(`${nginx.url}/mode`)).status === 200);
  assert.equal((await curl(`${nginx.url}/-/alive`)).status, 204);
});

nginxTest("what is too large is refused before it reaches the program", async () => {
  await using marketflow = await program();
  await using nginx = await Nginx.start({ upstream: portOf(marketflow) });
  const body = await curl(`${nginx.url}/mode/test`, "--data-binary", "x".repeat(20_000));
  assert.deepEqual([body.status, jsonOf(body).title], [413, "Content too large"]);
  const address = await curl(`${nginx.url}/?${"x".repeat(20_000)}`);
  assert.deepEqual([address.status, jsonOf(address).title], [414, "Address too long"]);
  const header = await curl(`${nginx.url}/`, "--header", `X-Long: ${"x".repeat(40_000)}`);
  assert.deepEqual([header.status, jsonOf(header).title], [400, "Bad request"]);
  // A line is written when the request is over, which may be after its answer has arrived.
  const log = await until("all are logged", () => nginx.log, ({ length }) => length >= 3);
  assert.deepEqual(log.map((one) => one.upstreamStatus), ["", "", ""]);
});

nginxTest("what is no request, or none that nginx passes on, is told so as a problem", async () => {
  await using nginx = await Nginx.start({ upstream: freePort() });
  const cases = [
    ["GARBAGE", 400],
    ["GET nonsense HTTP/1.1", 400],
    ["GET / HTTP/9.9", 505],
    ["TRACE / HTTP/1.1\r\nHost: localhost", 405],
    ["POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip", 501],
    ["GET / HTTP/1.1\r\nHost: a b", 400],
    ["GET /-/problem HTTP/1.0\r\nHost: localhost", 404],
  ] as const;
  for (const [request, status] of cases) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: nginx.port });
    await connection.write(new TextEncoder().encode(`${request}\r\n\r\n`));
    const answer = await new Response(connection.readable).text();
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `, "u"), request);
    if (status === 404) continue;
    assert.match(answer, /^content-type: application\/problem\+json\r$/imu, request);
    assert.equal(JSON.parse(answer.slice(answer.indexOf("{"))).status, status, request);
  }
});

nginxTest(
  "while the program is gone there is a problem with 502, and afterwards the program again",
  async () => {
    const port = freePort();
    await using first = await program({}, port);
    await using nginx = await Nginx.start({ upstream: port });
    assert.equal((await curl(`${nginx.url}/venues`)).status, 200);
    first.process.kill("SIGKILL");
    await first.process.untilEnded();

    const gone = await curl(`${nginx.url}/venues`);
    assert.equal(gone.status, 502);
    assert.equal(gone.headers.get("content-type"), "application/problem+json");
    assert.equal(gone.headers.get("retry-after"), "2");
    assert.equal(gone.headers.get("cache-control"), "no-store");
    const { type, title, status, detail } = jsonOf(gone);
    assert.deepEqual([type, title, status], ["about:blank", "Bad gateway", 502]);
    assert.match(String(detail), /^MarketFlow cannot be reached/u);

    await using _second = await program({}, port);
    assert.equal((await curl(`${nginx.url}/venues`)).status, 200);
  },
);
