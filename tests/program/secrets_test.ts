/** Nothing that is secret is said: each secret is a marker, everything fails that can, and no word has one of them in it. */
import assert from "node:assert/strict";
import type { Health } from "../../core/app/market.ts";
import { manifest } from "../../ui/manifest.gen.ts";
import { routePath } from "../../ui/route.ts";
import { freePort } from "../ports.ts";
import { until } from "./process.ts";
import { launch, startProgram } from "./program.ts";

/** Each is unlike anything that the program says by itself. */
const marker = (name: string) => `zq${name}7f3e9a1c5d2b`;
const MARKERS = [
  ...["postgres", "redis", "admin", "read", "wrong", "basic", "half"],
  ...[
    "bybitws",
    "bybitquery",
    "bybitrest",
    "bybituser",
    "okxws",
    "okxrest",
    "gatews",
    "gaterest",
    "nodews",
    "nodehttp",
  ],
].map(marker);

function assertSilent(text: string, where: string): void {
  for (const one of MARKERS) {
    // Neither whole nor cut.
    const at = text.toLowerCase().indexOf(one.slice(0, 12));
    assert.equal(at, -1, `${where} has ${one}: …${text.slice(Math.max(0, at - 200), at + 60)}`);
  }
}

/** Refuses everything in a way of its own, and says the address that it was asked for, as some servers do. */
function refusing(status: number): { port: number } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => new Response(`No ${request.method} for ${request.url}`, { status }),
  );
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("no token, no password and no key of an address is in the log, an answer or a metric", async () => {
  await using refused = refusing(401);
  await using broken = refusing(500);
  const dead = freePort();
  const nodes = (protocol: string, name: string) =>
    [dead, refused.port, broken.port].map((port) => `${protocol}://127.0.0.1:${port}/v3/${marker(name)}`);
  const pools = (protocol: string) => ({
    protocol,
    chainId: 1,
    wsUrl: nodes("ws", "nodews"),
    httpUrl: nodes("http", "nodehttp"),
  });
  await using program = await startProgram({
    mode: "live",
    logLevel: "debug",
    server: { adminToken: marker("admin"), readToken: marker("read") },
    history: { url: `postgres://me:${marker("postgres")}@127.0.0.1:${dead}/db` },
    cache: { url: `redis://me:${marker("redis")}@127.0.0.1:${dead}` },
    venues: {
      bybit: {
        wsUrl: `ws://127.0.0.1:${dead}/${marker("bybitws")}?key=${marker("bybitquery")}`,
        restUrl: `http://me:${marker("bybituser")}@127.0.0.1:${dead}/${marker("bybitrest")}`,
      },
      okx: {
        wsUrl: `ws://127.0.0.1:${refused.port}/${marker("okxws")}`,
        restUrl: `http://127.0.0.1:${refused.port}/${marker("okxrest")}`,
      },
      gateio: {
        wsUrl: `ws://127.0.0.1:${broken.port}/${marker("gatews")}`,
        restUrl: `http://127.0.0.1:${broken.port}/${marker("gaterest")}`,
      },
      kraken: { enabled: false },
      "uniswap-v2": pools("v2"),
      "uniswap-v3": pools("v3"),
    },
  });
  const { url } = program;
  const headers = { authorization: `Bearer ${marker("read")}` };
  const health = async (): Promise<Health> => (await fetch(`${url}/health`, { headers })).json();
  await until("the history is known to be gone", health, (now) => now.history.state === "unreachable");
  await until("the cache is known to be gone", health, (now) => now.cache.state === "fallback");
  const failed = ["bybit", "okx", "gateio", "uniswap-v2", "uniswap-v3"];
  await until("every venue has failed some times", () => {
    const lines = program.log.filter(({ level }) => level === "WARN" || level === "ERROR");
    return failed.every((venue) => lines.filter((line) => line.venue === venue).length >= 3);
  });

  const paths = Object.keys(manifest.routes).map((file) =>
    routePath(file).replace(":symbol", "BTC-USDT").replace(":exchange", "okx")
  );
  const tokens = [
    headers.authorization,
    `Bearer ${marker("wrong")}`,
    `Basic ${btoa(`me:${marker("basic")}`)}`,
    `Bearer ${marker("half").slice(0, -1)}`,
    "",
  ];
  for (const authorization of tokens) {
    for (const path of [...paths, "/nowhere", "/prices/latest/nobody/BTC-USDT"]) {
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(url + path, {
          method,
          headers: authorization === "" ? {} : { authorization },
        });
        const stream = answer.headers.get("content-type")?.startsWith("text/event-stream");
        const reader = answer.body?.getReader();
        let text = "";
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
          text += new TextDecoder().decode(next.value);
          if (stream) break;
        }
        await reader?.cancel();
        assertSilent(`${JSON.stringify([...answer.headers])} ${text}`, `${method} ${path}`);
      }
    }
  }
  await until(
    "a wrong token is in the log",
    () => program.log.some(({ message }) => message === "Wrong token"),
  );
  program.process.kill("SIGTERM");
  const { stdout, stderr } = await program.process.untilEnded();
  for (const line of [...stdout, ...stderr]) assertSilent(line, "The log");
});

Deno.test("what is wrong with settings is said without the secrets in them", async () => {
  const cases: Record<string, unknown>[] = [
    { history: { url: `postgres://me:${marker("postgres")}@:x/db` } },
    { history: { url: `mysql://me:${marker("postgres")}@h/db` } },
    { history: { url: `postgres://me:${marker("postgres")}%@h/db?sslmode=never` } },
    { cache: { url: `redis://me:${marker("redis")}@h:0` } },
    { cache: { url: `redis://me:${marker("redis")}@h@h` } },
    { server: { adminToken: `${marker("admin")} with a space` } },
    { server: { readToken: marker("read").slice(0, 15) } },
    { venues: { bybit: { wsUrl: `http://h/${marker("bybitws")}` } } },
    { venues: { bybit: { restUrl: `ws://me:${marker("bybituser")}@h` } } },
    { venues: { "uniswap-v3": { wsUrl: `http://h/${marker("nodews")}` } } },
    { venues: { "uniswap-v3": { httpUrl: [`ws://h/${marker("nodehttp")}`] } } },
  ];
  for (const config of cases) {
    await using process = await launch(config);
    const { code, stdout, stderr } = await process.untilEnded();
    assert.equal(code, 2, JSON.stringify(config));
    assertSilent([...stdout, ...stderr].join("\n"), JSON.stringify(config));
  }
});
