/** Everything that nobody should send, to the program itself: it refuses in words, and nothing comes of it. */
import assert from "node:assert/strict";
import type { Health } from "../../core/app/market.ts";
import { manifest } from "../../ui/manifest.gen.ts";
import { METHODS, routePath } from "../../ui/route.ts";
import { type Program, startProgram } from "../program/program.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";
import { type Answer, assertClean, bytesOf, readAnswer, send } from "./raw.ts";
import { ANSWERED, OK, PATH_TRICKS, REFUSED, STATUSES, UNFINISHED } from "./shapes.ts";

const ADMIN = "admin-token-of-the-test";
const READ = "read-token-of-the-test";
const SEED = 20_261_123;
/** Nothing opens in it by itself, so that what a stream tells can be compared. */
const QUIET = { mode: "test", screener: { minNetBps: 9000, hysteresisBps: 0 } };

/** The path of every route, its parameters filled with what is there. */
const PATHS = Object.keys(manifest.routes).map((file) =>
  routePath(file).replace(":symbol", "BTC-USDT").replace(":exchange", "okx")
);
const MODULES = Object.entries(manifest.routes).map(([file, module]) => ({
  path: routePath(file).replace(":symbol", "BTC-USDT").replace(":exchange", "okx"),
  methods: "default" in module ? ["GET"] : METHODS.filter((method) => method in module),
}));

function request(method: string, target: string, headers: Record<string, string> = {}): string {
  const all = { Host: "localhost", Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${target} HTTP/1.1\r\n${lines}\r\n`;
}

interface State {
  mode: unknown;
  restarts: number[];
  reconnects: number[];
  opportunities: unknown;
}

async function stateOf(program: Program, headers: Record<string, string>): Promise<State> {
  const get = async (path: string) => (await fetch(program.url + path, { headers })).json();
  const health: Health = await until("it is well", () => get("/health"), ({ status }) => status === "ok");
  return {
    mode: await get("/mode"),
    restarts: health.venues.map((venue) => venue.restarts),
    reconnects: health.venues.map((venue) => venue.reconnects),
    opportunities: (await get("/opportunities")).opportunities,
  };
}

/** Runs a scan and checks that it left no trace. */
async function scanning(
  settings: Record<string, unknown>,
  scan: (program: Program) => Promise<void>,
  headers: Record<string, string> = {},
): Promise<void> {
  await using program = await startProgram({ ...QUIET, server: settings });
  const before = await stateOf(program, headers);
  await scan(program);
  const metrics = async () => await (await fetch(`${program.url}/metrics`, { headers })).text();
  await until("no stream is left", metrics, (text) => /^marketflow_stream_clients 0$/mu.test(text));
  assert.deepEqual(await stateOf(program, headers), before);
  assert.equal(program.process.running, true);
  assert.deepEqual(program.process.stderr, []);
  assert.deepEqual(program.log.filter(({ level }) => level === "ERROR"), []);
}

/** Some at a time. Tells all that went wrong. */
async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  const wrong: string[] = [];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await act(item).catch((error) => wrong.push((error as Error).message.slice(0, 300)));
    }
  }));
  assert.deepEqual(wrong, []);
}

Deno.test("no route takes a method that is not its own", () =>
  scanning({}, async ({ url }) => {
    const methods = [...METHODS, "PROPFIND", "MKCOL", "LOCK", "PURGE", "TRACE", "SEARCH"];
    const wrong = MODULES.flatMap(({ path, methods: own }) =>
      methods.filter((method) => !(own as readonly string[]).includes(method)).map((method) => ({
        method,
        path,
      }))
    );
    await each(wrong, async ({ method, path }) => {
      const answer = await send(url, request(method, path));
      assertClean(answer, `${method} ${path}`);
      assert.equal(answer.status, 405, `${method} ${path}`);
    });
  }));

Deno.test("no page of another site and no foreign name gets a change or a WebSocket", () =>
  scanning({}, async ({ url }) => {
    const hosts = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "xlocalhost"];
    await each(PATHS.flatMap((path) => hosts.map((Host) => ({ path, Host }))), async ({ path, Host }) => {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const answer = await send(url, request(method, path, { Host }));
        assertClean(answer, `${method} ${path} ${Host}`);
        assert.equal(answer.status, 421);
      }
    });
    const foreign: Record<string, string>[] = [
      { Origin: "http://evil.example" },
      { Origin: "null" },
      { Origin: "http://localhost.evil.example" },
      { Origin: "https://localhost:1" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site", Origin: "http://localhost" },
      { "X-Forwarded-For": "127.0.0.1" },
      { Forwarded: "for=127.0.0.1" },
      { "X-Real-IP": "127.0.0.1" },
      { Via: "1.1 proxy" },
    ];
    await each(foreign, async (headers) => {
      const answer = await send(url, request("POST", "/mode/live", headers));
      assertClean(answer, JSON.stringify(headers));
      assert.equal(answer.status, 403, JSON.stringify(headers));
    });
  }));

Deno.test("nothing is told and nothing changed without a token, or with a wrong one", () =>
  scanning({ adminToken: ADMIN, readToken: READ, trustedProxies: ["127.0.0.1"] }, async ({ url }) => {
    const basic = (text: string) => `Basic ${btoa(text)}`;
    const tokens = [
      ["", `Bearer ${READ}x`, `Bearer ${READ.slice(1)}`, `Bearer ${READ.toUpperCase()}`, `Bearer`, READ],
      [`Basic ${READ}`, basic(READ), basic(`${READ}:`), basic("a:b"), "Basic ====", `Digest ${READ}`],
      [
        `Bearer ${READ} ${READ}`,
        `Bearer "${READ}"`,
        `Bearer ${"a".repeat(8_000)}`,
        "Bearer \xff\0".slice(0, 8),
      ],
      [`Bearer ${READ}, Bearer ${READ}`],
    ].flat();
    const paths = [...PATHS, "/styles.css", "/nowhere"];
    await each(
      paths.flatMap((path, at) => tokens.map((token, of) => ({ path, token, at, of }))),
      async (one) => {
        // Each token from an address of its own: who guesses too often gets 429 for whatever he sends.
        const from = { "X-Forwarded-For": `192.0.${one.at}.${one.of}` };
        const headers = one.token === "" ? from : { ...from, Authorization: one.token };
        for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
          const answer = await send(url, request(method, one.path, headers));
          assertClean(answer, `${method} ${one.path} ${one.token}`);
          assert.equal(answer.status, 401, `${method} ${one.path} ${one.token}`);
          assert.ok(answer.headers.has("www-authenticate"));
        }
      },
    );
    for (const token of [READ, `${ADMIN}x`]) {
      const answer = await send(url, request("POST", "/mode/live", { Authorization: `Bearer ${token}` }));
      assertClean(answer, token);
      assert.equal(answer.status, 401);
    }
  }, { authorization: `Bearer ${READ}` }));

Deno.test("no parameter takes what is not for it", () =>
  scanning({}, async ({ url }) => {
    const { paths } = await (await fetch(`${url}/openapi.json`)).json();
    const payloads = [
      [
        "'; DROP TABLE minutes; --",
        "BTC-USDT\0",
        "<script>",
        "\r\nX: y",
        "\u202e",
        "NaN",
        "1e309",
        "-1e-400x",
      ],
      [
        "9".repeat(400),
        "A".repeat(4_000),
        "__proto__",
        "{}",
        "[]",
        "${7*7}",
        "%",
        "\uffff",
        "../../etc/passwd",
      ],
    ].flat();
    const wrong: string[] = [];
    // deno-lint-ignore no-explicit-any
    for (const [path, { get }] of Object.entries<any>(paths)) {
      for (const parameter of get?.parameters ?? []) {
        // One that is not known leads to a new snapshot, whatever it is.
        if (parameter.in === "header" || /^last(?:EventId|Sequence)$/u.test(parameter.name)) continue;
        const fill = (name: string) => (name === "symbol" ? "BTC-USDT" : "okx");
        for (const payload of payloads) {
          const text = encodeURIComponent(payload);
          const target = path.replaceAll(
            /\{(\w+)\}/gu,
            (_, name) => parameter.in === "path" && name === parameter.name ? text : fill(name),
          );
          wrong.push(parameter.in === "query" ? `${target}?${parameter.name}=${text}` : target);
        }
      }
    }
    assert.ok(wrong.length > 300, `only ${wrong.length}`);
    await each(wrong, async (target) => assertClean(await send(url, request("GET", target)), target));
  }));

Deno.test("no spelling of a path leads anywhere", () =>
  scanning({}, async ({ url }) => {
    for (const method of ["GET", "POST"]) {
      await each(PATH_TRICKS, async (target) => {
        assertClean(await send(url, request(method, target)), `${method} ${target}`);
      });
    }
    await each(PATHS.filter((path) => path !== "/"), async (path) => {
      for (const behind of ["/", "/..", "/.", "%00", "/%2e%2e", "\\", "//", ";x", "%2f", ".ts"]) {
        assertClean(await send(url, request("GET", path + behind)), path + behind);
      }
    });
  }));

Deno.test("what is no request, or two, is refused", () =>
  scanning({}, async ({ url }) => {
    await each(Object.entries(REFUSED), async ([name, text]) => {
      const answer = await send(url, text);
      assertClean(answer, name);
      assert.equal(answer.status, STATUSES[name] ?? answer.status, name);
    });
    await each(Object.entries(UNFINISHED), async ([name, text]) => {
      const answer = await send(url, text, true);
      if (answer.status !== 0) assertClean(answer, name);
    });
  }));

Deno.test("what is odd and no more is answered", () =>
  scanning({}, async ({ url }) => {
    await each(Object.entries(ANSWERED), async ([name, text]) => {
      assert.equal((await send(url, text)).status, 200, name);
    });
  }));

Deno.test("a body that has no end is not read to its end", () =>
  scanning({}, async ({ url }) => {
    const { hostname, port } = new URL(url);
    const heads = ["Content-Length: 1000000000000", "Transfer-Encoding: chunked"];
    await each(heads, async (head) => {
      using connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(bytesOf(`POST /mode/live HTTP/1.1\r\nHost: localhost\r\n${head}\r\n\r\n`));
      const piece = bytesOf(`10000\r\n${"a".repeat(65_536)}\r\n`);
      let written = 0;
      const writing = (async () => {
        try {
          for (;;) written += await connection.write(piece);
        } catch { /* it takes no more */ }
      })();
      const answer = await readAnswer(connection);
      assertClean(answer, head);
      assert.equal(answer.status, 413);
      await writing;
      assert.ok(written < 64 << 20, `${written} bytes were taken`);
    });
  }));

Deno.test("a request that never ends is ended", () =>
  scanning({}, async ({ url }) => {
    const { hostname, port } = new URL(url);
    const starts = [
      "",
      "GET /hea",
      `${OK}X: y`,
      "POST /mode/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na",
    ];
    await Promise.all(starts.map(async (start) => {
      using connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(bytesOf(start));
      const answer = await readAnswer(connection);
      assertClean(answer, start);
      assert.equal(answer.status, 408);
    }));
  }));

Deno.test(`no change of a byte makes a request that it fails on (seed ${SEED})`, () =>
  scanning({}, async ({ url }) => {
    const random = seeded(SEED);
    const pick = (below: number) => Math.floor(random() * below);
    const texts = [
      request("GET", "/prices/latest/okx/BTC-USDT?x=1", { "X-Forwarded-For": "1.2.3.4", Range: "bytes=0-" }),
      request("GET", "/opportunities?symbol=BTC-USDT&limit=5", { Accept: "application/json", Cookie: "a=b" }),
      request("HEAD", "/health", { "Content-Length": "0", "If-None-Match": '"x"' }),
      request("OPTIONS", "/mode/live", { Origin: "http://localhost", "Transfer-Encoding": "chunked" }) +
      "0\r\n\r\n",
    ];
    const mutants = Array.from({ length: 1_500 }, () => {
      const bytes = [...bytesOf(texts[pick(texts.length)]!)];
      for (let changes = 1 + pick(3); changes > 0; changes--) {
        const at = pick(bytes.length);
        const value = [pick(256), 0, 10, 13, 32, 58][pick(6)]!;
        const kind = pick(4);
        if (kind === 0) bytes.splice(at, 1 + pick(20));
        else bytes.splice(at, kind === 1 ? 0 : 1, value);
      }
      return Uint8Array.from(bytes);
    });
    let answered = 0;
    await each(mutants, async (bytes) => {
      const answer: Answer = await send(url, bytes, true);
      const said = JSON.stringify(String.fromCharCode(...bytes));
      // Half a request, of which the rest never came, ends without an answer.
      if (answer.status === 0) return;
      answered++;
      assert.ok(answer.status >= 200 && answer.status < 500, `${answer.status} to ${said}`);
      if (answer.status >= 400) assertClean(answer, said);
    });
    assert.ok(answered >= 1_000, `Only ${answered} were answered`);
  }));
