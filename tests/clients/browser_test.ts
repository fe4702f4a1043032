/** The client in a real Chromium: on pages of the program, and on those of other sites. */
import assert from "node:assert/strict";
import type { Browser, Page } from "../tools/playwright.ts";
import { openProgram } from "../api/program.ts";
import { TcpProxy } from "../archive/proxy.ts";
import { chromiumIsThere, launchChromium } from "../browser/chromium.ts";
import { eventually } from "../browser/page.ts";
import { type Program, startProgram } from "../program/program.ts";

const ignore = !chromiumIsThere();
const TOKEN = "a-token-for-this-test-alone-0123456789";
/** Where the test puts the client, on whatever site the page is. */
const MODULE = "/client-of-the-test.js";
let browser: Browser;
let client: string;

Deno.test.beforeAll(async () => {
  if (!ignore) [browser, client] = await Promise.all([launchChromium(), bundled()]);
});
Deno.test.afterAll(() => browser?.close());

/** One module with both entries and the library that protobuf needs. */
async function bundled(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const entry = new URL("../../clients/ts/", import.meta.url);
    const source = `export * from "${entry}mod.ts"; export { protobuf } from "${entry}protobuf.ts";`;
    await Deno.writeTextFile(`${folder}/all.ts`, source);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--lock=tests/deno.lock", "--platform", "browser", `${folder}/all.ts`],
      cwd: new URL("../../", import.meta.url),
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function browserTest(name: string, run: () => Promise<void>) {
  // The browser's connection belongs to all tests of this file.
  Deno.test({ name, ignore, sanitizeOps: false, sanitizeResources: false }, run);
}

interface Seen {
  events: { type: string; state?: string; code?: string; detail?: string }[];
  rows: string[];
  live: boolean;
}

interface ClientPage extends AsyncDisposable {
  page: Page;
  /** What the client has told until now. */
  seen(): Promise<Seen>;
  run(code: string): Promise<unknown>;
}

/** Opens a page and follows `server` from it, with options as they stand in code. */
async function clientPage(
  url: string,
  server: string,
  options: string,
  credentials?: { username: string; password: string },
): Promise<ClientPage> {
  const context = await browser.newContext(credentials ? { httpCredentials: credentials } : {});
  const page = await context.newPage();
  await page.route(`**${MODULE}`, (route) => route.fulfill({ contentType: "text/javascript", body: client }));
  await page.goto(url);
  await page.evaluate(`import("${MODULE}").then(async (client) => {
    const { followOpportunities, protobuf, json } = client;
    const seen = globalThis.seen = { events: [], stream: undefined, client };
    const stream = seen.stream = followOpportunities(${JSON.stringify(server)}, ${options});
    (async () => {
      try {
        for await (const { type, state, error, detail } of stream) {
          seen.events.push({ type, state, code: error?.code, detail });
        }
        seen.events.push({ type: "left" });
      } catch (error) {
        seen.events.push({ type: "failed", code: error.code, detail: error.message });
      }
    })();
  })`);
  const look = `({
    events: seen.events, rows: [...seen.stream.rows.keys()].sort(), live: seen.stream.live
  })`;
  return {
    page,
    seen: () => page.evaluate(look),
    run: (code) => page.evaluate(code),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

const opened = (seen: Seen, type: string) => seen.events.some((event) => event.type === type);

for (const format of ["json", "protobuf"]) {
  browserTest(`a page follows in ${format}, changes the filter, and goes on after a cut`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.port });
    const url = `http://127.0.0.1:${proxy.port}`;
    const ids = async (symbol = "") => {
      const { body } = await program.get(`/opportunities?symbol=${symbol}`);
      return body.opportunities.map(({ id }: { id: string }) => id).sort();
    };
    await program.quote("bybit", "BTC-USDT", 99.9, 100);
    await program.quote("okx", "BTC-USDT", 101, 101.1);
    await using page = await clientPage(`${url}/docs`, url, `{ format: ${format}, firstWaitMs: 20 }`);
    const agrees = async (symbol?: string) => (await page.seen()).rows.join() === (await ids(symbol)).join();
    await eventually(
      "it has what the API says",
      async () => (await page.seen()).rows.length === 1 && await agrees(),
    );
    await program.quote("bybit", "ETH-USDT", 99.9, 100);
    await program.quote("okx", "ETH-USDT", 101, 101.1);
    await eventually("it has both", async () => (await page.seen()).rows.length === 2 && await agrees());

    proxy.refuse();
    await eventually("it notices the cut", async () => !(await page.seen()).live);
    await program.quote("okx", "BTC-USDT", 99.9, 100.1);
    proxy.restore();
    await eventually(
      "it has what it missed",
      async () => (await page.seen()).rows.length === 1 && await agrees(),
    );
    assert.equal((await page.seen()).events.filter(({ type }) => type === "snapshot").length, 1);

    await page.run(`seen.stream.subscribe({ symbol: "NOPE-USDT" })`);
    await eventually("it is told", async () => opened(await page.seen(), "problem"));
    await page.run(`seen.stream.subscribe({ symbol: "BTC-USDT" })`);
    await eventually("it has none", async () => (await page.seen()).rows.length === 0);
    await page.run("seen.stream.close()");
    await eventually("it has left", async () => opened(await page.seen(), "left"));
  });
}

/** A site that is not the program's. */
function otherSite() {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      new Response("<!doctype html><title>Another site</title>", {
        headers: { "content-type": "text/html" },
      }),
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

browserTest("a page of another site follows where its origin is named, and else learns nothing", async () => {
  await using site = otherSite();
  await using stranger = otherSite();
  await using program = await startProgram({ mode: "test", server: { corsOrigins: [site.origin] } });
  await using named = await clientPage(site.origin, program.url, "{}");
  await eventually("it follows", async () => (await named.seen()).rows.length > 0);
  await using other = await clientPage(stranger.origin, program.url, "{ firstWaitMs: 20 }");
  await eventually("it tries again", async () => (await other.seen()).events.length >= 2);
  const { events, rows } = await other.seen();
  assert.equal(events.at(-1)!.code, "unreachable");
  assert.deepEqual(rows, []);
  await using wrong = await clientPage(site.origin, program.url, `{ symbol: "NOPE-USDT" }`);
  await eventually("it is told what is wrong", async () => opened(await wrong.seen(), "failed"));
  assert.match((await wrong.seen()).events.at(-1)!.detail!, /NOPE-USDT/u);
});

browserTest(
  "a page of a program with a token follows with what its user has entered, and sends no other",
  async () => {
    await using program: Program = await startProgram({ mode: "test", server: { readToken: TOKEN } });
    const user = { username: "reader", password: TOKEN };
    await using page = await clientPage(program.url, program.url, "{}", user);
    await eventually("it follows", async () => (await page.seen()).rows.length > 0);
    await using other = await clientPage(program.url, program.url, `{ token: "${TOKEN}" }`, user);
    await eventually("it fails", async () => opened(await other.seen(), "failed"));
    assert.equal((await other.seen()).events.at(-1)!.code, "unsupported");
  },
);
