import assert from "node:assert/strict";
import { openProgram, SYMBOLS, until } from "./program.ts";

/** Net edges of about 80 (BTC), 30 (ETH) and 130 bps (SOL). */
async function withThreeOpportunities(program: ReturnType<typeof openProgram>): Promise<void> {
  await program.quote("bybit", "BTC-USDT", 99.9, 100, 2);
  await program.quote("okx", "BTC-USDT", 101, 101.1, 3);
  await program.quote("bybit", "ETH-USDT", 99.9, 100);
  await program.quote("kraken", "ETH-USDT", 100.5, 100.6);
  await program.quote("okx", "SOL-USDT", 99.9, 100);
  await program.quote("kraken", "SOL-USDT", 101.5, 101.6);
}

Deno.test("latest prices of a symbol list every exchange that quotes it", async () => {
  await using program = openProgram();
  await program.quote("okx", "BTC-USDT", 100, 102);
  await program.quote("bybit", "BTC-USDT", 99, 101);
  const { status, headers, body } = await program.get("/prices/latest/BTC-USDT");
  assert.equal(status, 200);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.deepEqual(Object.keys(body), ["symbol", "mode", "quotes"]);
  assert.equal(body.mode, "test");
  assert.deepEqual(body.quotes.map((quote: { exchange: string }) => quote.exchange), ["bybit", "okx"]);
});

Deno.test("one latest price has the documented fields and whole milliseconds", async () => {
  await using program = openProgram();
  await program.quote("okx", "BTC-USDT", 100, 102, 7);
  const { status, body } = await program.get("/prices/latest/okx/BTC-USDT");
  assert.equal(status, 200);
  const { receivedTime, ...rest } = body;
  assert.ok(Number.isInteger(receivedTime) && Math.abs(receivedTime - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    exchange: "okx",
    symbol: "BTC-USDT",
    bid: 100,
    bidSize: 7,
    ask: 102,
    askSize: 7,
    price: 101,
    exchangeTime: null,
    fresh: true,
  });
});

for (
  const spelling of [
    "BTC-USDT",
    "BTCUSDT",
    "btc_usdt",
    "btc%2Fusdt",
    "BTC%2fUSDT",
    "BTC:USDT",
    "BTC/USDT",
    "btc-usdt",
  ]
) {
  Deno.test(`a symbol may be written ${spelling}`, async () => {
    await using program = openProgram();
    await program.quote("okx", "BTC-USDT", 100, 102);
    const { status, body } = await program.get(`/prices/latest/${spelling}`);
    assert.equal(status, 200);
    assert.equal(body.symbol, "BTC-USDT");
    assert.equal(body.quotes.length, 1);
    assert.equal((await program.get(`/prices/latest/OKX/${spelling.replace("/", "%2F")}`)).body.bid, 100);
  });
}

Deno.test("an unknown symbol or exchange is 404 and names what is known", async () => {
  await using program = openProgram();
  for (const path of ["/prices/latest/ABC-DEF", "/prices/latest/okx/ABC-DEF"]) {
    const { status, headers, body } = await program.get(path);
    assert.equal(status, 404);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(body.title, "Unknown symbol");
    assert.deepEqual(body.knownSymbols, SYMBOLS);
    assert.match(body.detail, /ABC-DEF.*BTC-USDT, ETH-USDT, SOL-USDT/u);
  }
  const { status, body } = await program.get("/prices/latest/nowhere/BTC-USDT");
  assert.equal(status, 404);
  assert.equal(body.title, "Unknown exchange");
  assert.deepEqual(body.knownExchanges, ["bybit", "okx", "kraken"]);
  assert.match(body.detail, /nowhere.*bybit, okx, kraken/u);
});

Deno.test("no quote now is an empty list for a symbol, and 404 with its own title for one exchange", async () => {
  await using program = openProgram();
  await program.quote("okx", "BTC-USDT", 100, 102);
  await program.withdraw("okx", "BTC-USDT");
  assert.deepEqual((await program.get("/prices/latest/BTC-USDT")).body.quotes, []);
  const { status, body } = await program.get("/prices/latest/okx/BTC-USDT");
  assert.equal(status, 404);
  assert.equal(body.title, "No quote");
});

Deno.test("opportunities come best first, with the documented fields and figures that add up", async () => {
  await using program = openProgram();
  await withThreeOpportunities(program);
  const { status, body } = await program.get("/opportunities");
  assert.equal(status, 200);
  assert.equal(body.mode, "test");
  assert.deepEqual(
    body.opportunities.map((one: { symbol: string }) => one.symbol),
    ["SOL-USDT", "BTC-USDT", "ETH-USDT"],
  );
  const { id, netBps, feesQuote, profitQuote, grossBps, openedAt, updatedAt, ...rest } =
    body.opportunities[1];
  assert.ok(typeof id === "string" && id !== "");
  assert.ok(Number.isInteger(openedAt) && Number.isInteger(updatedAt));
  assert.ok(Math.abs(grossBps - 100) < 1e-6);
  assert.ok(Math.abs(netBps - ((101 * 0.999) / (100 * 1.001) - 1) * 10_000) < 1e-6);
  assert.ok(Math.abs(feesQuote - 2 * (101 + 100) * 0.001) < 1e-9);
  assert.ok(Math.abs(profitQuote - 2 * (101 * 0.999 - 100 * 1.001)) < 1e-6);
  assert.ok(Math.abs(grossBps / 10_000 * 200 - feesQuote - profitQuote) < 1e-9);
  assert.deepEqual(rest, {
    symbol: "BTC-USDT",
    buyExchange: "bybit",
    sellExchange: "okx",
    buyPrice: 100,
    sellPrice: 101,
    sizeBase: 2,
    notionalQuote: 200,
    impactQuote: 0,
    gasQuote: 0,
  });
});

for (
  const [query, expected] of [
    ["symbol=btcusdt", ["BTC-USDT"]],
    ["exchange=kraken", ["SOL-USDT", "ETH-USDT"]],
    ["exchange=OKX&symbol=SOL%2FUSDT", ["SOL-USDT"]],
    ["minNetBps=50", ["SOL-USDT", "BTC-USDT"]],
    ["minNetBps=-1e3&limit=1", ["SOL-USDT"]],
    ["symbol=&exchange=&minNetBps=&limit=", ["SOL-USDT", "BTC-USDT", "ETH-USDT"]],
    ["minNetBps=5000", []],
  ] as const
) {
  Deno.test(`opportunities?${query} gives ${expected.join(", ") || "none"}`, async () => {
    await using program = openProgram();
    await withThreeOpportunities(program);
    const { body } = await program.get(`/opportunities?${query}`);
    assert.deepEqual(body.opportunities.map((one: { symbol: string }) => one.symbol), expected);
  });
}

Deno.test("all parameters that are wrong are told at once", async () => {
  await using program = openProgram();
  for (const path of ["/opportunities", "/opportunities/stream"]) {
    const { status, body } = await program.get(`${path}?symbol=ABC&exchange=nowhere&minNetBps=much&limit=0`);
    assert.equal(status, 400);
    const paths = body.errors.map((error: { path: string }) => error.path).sort();
    const limit = path === "/opportunities" ? ["limit"] : [];
    assert.deepEqual(paths, ["exchange", ...limit, "minNetBps", "symbol"]);
    assert.deepEqual(body.knownSymbols, SYMBOLS);
    assert.deepEqual(body.knownExchanges, ["bybit", "okx", "kraken"]);
    for (const error of body.errors) assert.ok(body.detail.includes(error.message));
  }
});

for (
  const query of [
    "limit=1.5",
    "limit=-1",
    "limit=10001",
    "minNetBps=NaN",
    "minNetBps=Infinity",
    "limit=1&limit=2",
  ]
) {
  Deno.test(`opportunities?${query} is refused`, async () => {
    await using program = openProgram();
    const { status, body } = await program.get(`/opportunities?${query}`);
    assert.equal(status, 400);
    assert.equal(body.errors.length, 1);
    assert.equal(body.errors[0].path, query.split("=")[0]);
  });
}

Deno.test("the mode switches, closes what was open and is the same when asked for twice", async () => {
  await using program = openProgram();
  await withThreeOpportunities(program);
  assert.equal((await program.get("/mode")).body.mode, "test");
  const first = await program.get("/mode/live", { method: "POST" });
  assert.equal(first.status, 200);
  assert.deepEqual(Object.keys(first.body), ["mode", "switching", "since"]);
  assert.equal(first.body.mode, "live");
  assert.equal(first.body.switching, false);
  assert.deepEqual((await program.get("/opportunities")).body, { mode: "live", opportunities: [] });
  assert.deepEqual((await program.get("/prices/latest/BTC-USDT")).body.quotes, []);
  const again = await program.get("/mode/live", { method: "POST" });
  assert.deepEqual(again.body, first.body);
  assert.equal((await program.get("/mode/test", { method: "POST" })).body.mode, "test");
});

for (
  const [what, headers] of [
    ["whose origin is another host", { origin: "http://evil.example", host: "localhost" }],
    ["that a browser marks as cross-site", { "sec-fetch-site": "cross-site" }],
    ["with an origin that hides itself", { origin: "null", host: "localhost" }],
  ] as const
) {
  Deno.test(`a mode switch ${what} is refused`, async () => {
    await using program = openProgram();
    const { status, body } = await program.get("/mode/live", { method: "POST", headers });
    assert.equal(status, 403);
    assert.equal(body.status, 403);
    assert.equal(program.market.mode, "test");
  });
}

Deno.test("a mode switch from the program's own page is taken", async () => {
  await using program = openProgram();
  const headers = {
    origin: "http://localhost:8080",
    host: "localhost:8080",
    "sec-fetch-site": "same-origin",
  };
  assert.equal((await program.get("/mode/live", { method: "POST", headers })).body.mode, "live");
});

Deno.test("a method that a path does not take is 405 and names what it takes", async () => {
  await using program = openProgram();
  const { status, headers } = await program.get("/mode/live");
  assert.equal(status, 405);
  assert.match(headers.get("allow") ?? "", /POST/u);
});

Deno.test("health names every venue and what is wrong with it", async () => {
  await using program = openProgram();
  const before = await program.get("/health");
  assert.equal(before.status, 200);
  assert.equal(before.body.status, "starting");
  await program.quote("okx", "BTC-USDT", 100, 102);
  const { status, body } = await program.get("/health");
  assert.equal(status, 200);
  assert.equal(body.status, "degraded");
  assert.deepEqual(body.venues.map((venue: { id: string }) => venue.id), ["bybit", "okx", "kraken"]);
  assert.equal(body.venues[1].freshQuotes, 1);
  assert.ok(body.problems.some((text: string) => text.includes("bybit")));
});

Deno.test("health names cache, history and outbox, and a way around one of them is degraded, not dead", async () => {
  await using program = openProgram();
  const { kept } = program;
  for (const exchange of ["bybit", "okx", "kraken"]) await program.quote(exchange, "BTC-USDT", 100, 102);
  const { body } = await program.get("/health");
  assert.equal(body.status, "ok");
  assert.deepEqual([body.cache, body.history, body.outbox], [
    kept.cacheStatus,
    kept.status.history,
    kept.status.outbox,
  ]);
  Object.assign(kept.cacheStatus, {
    kind: "redis",
    url: "redis://cache",
    state: "fallback",
    error: "Connection lost",
  });
  Object.assign(kept.status.history, { cleanedAt: 1_790_000_000_000.4 });
  const degraded = await program.get("/health");
  assert.equal(degraded.body.history.cleanedAt, 1_790_000_000_000);
  assert.equal(degraded.status, 200);
  assert.equal(degraded.body.status, "degraded");
  assert.equal(degraded.body.problems.length, 1);
});

Deno.test("health is 503 when the process cannot do its job", async () => {
  await using program = openProgram({ live: [] });
  await program.market.switchMode("live");
  const { status, body } = await program.get("/health");
  assert.equal(status, 503);
  assert.equal(body.status, "down");
  assert.notDeepEqual(body.problems, []);
});

Deno.test("venues are those of the present mode", async () => {
  await using program = openProgram();
  await program.market.switchMode("live");
  await until("workers run", () => program.market.venues().every((venue) => venue.connected));
  const { body } = await program.get("/venues");
  assert.equal(body.mode, "live");
  assert.deepEqual(body.venues.map((venue: { id: string }) => venue.id), ["bybit", "okx", "ndjson"]);
  assert.deepEqual(body.venues[2].exchanges, ["exchange1", "exchange2"]);
});

Deno.test("a path that does not exist is a problem document", async () => {
  await using program = openProgram();
  const { status, headers } = await program.get("/prices");
  assert.equal(status, 404);
  assert.equal(headers.get("content-type"), "application/problem+json");
});
