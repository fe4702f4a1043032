import assert from "node:assert/strict";
import { HistoryError } from "../../core/ports/history.ts";
import { barOf, DAY_MS, openKept, statisticsOf, SYMBOLS } from "./kept_market.ts";

const OKX = barOf({ exchange: "okx", maxPrice: 102, minPrice: 99, averagePrice: 100, samples: 3 });
const BYBIT = barOf({ exchange: "bybit", maxPrice: 101, minPrice: 98, averagePrice: 104, samples: 1 });

/** Answers every question with the same bars and writes the questions down. */
function withBars(bars = [BYBIT, OKX]) {
  const asked: object[] = [];
  const kept = openKept({
    priceStatistics(query) {
      asked.push(query);
      return Promise.resolve(
        statisticsOf(bars.filter((bar) => bar.exchange === (query.exchange ?? bar.exchange))),
      );
    },
  });
  return { ...kept, asked };
}

for (
  const [period, periodMs] of [
    ["1s", 1000],
    ["3s", 3000],
    ["5s", 5000],
    ["10s", 10_000],
    ["30s", 30_000],
    ["1m", 60_000],
    ["3m", 180_000],
    ["5m", 300_000],
    ["7s", 7000],
    ["90s", 90_000],
    ["6h", 21_600_000],
    ["90d", 90 * DAY_MS],
    ["", 60_000],
  ] as const
) {
  Deno.test(`the period ${JSON.stringify(period)} is ${periodMs} ms`, async () => {
    const { get, asked } = withBars();
    for (const statistic of ["highest", "lowest", "average"]) {
      const { status, body } = await get(`/prices/${statistic}/BTC-USDT?period=${period}`);
      assert.equal(status, 200);
      assert.equal(body.period, period || "1m");
    }
    assert.deepEqual(asked, Array(3).fill({ symbol: "BTC-USDT", periodMs }));
  });
}

for (
  const query of [
    "0s",
    "1",
    "s",
    "1w",
    "1.5h",
    "-5s",
    "5S",
    "5%20s",
    "91d",
    "999999999999d",
    "1e3s",
    "Infinity",
    "NaN",
    "٥s",
    "1m%00",
    "1m'%20OR%201=1",
    "%3Cscript%3E",
    "1m&period=5m",
  ]
) {
  Deno.test(`period=${query} is refused with all that is allowed`, async () => {
    const { get, asked } = withBars();
    for (const path of ["/prices/highest/BTC-USDT", "/prices/average/okx/BTC-USDT"]) {
      const { status, headers, body } = await get(`${path}?period=${query}`);
      assert.equal(status, 400);
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.equal(body.errors.length, 1);
      assert.equal(body.errors[0].path, "period");
      assert.deepEqual(body.allowed.slice(0, 8), ["1s", "3s", "5s", "10s", "30s", "1m", "3m", "5m"]);
      if (query.includes("&")) continue;
      assert.match(body.detail, /1s, 3s, 5s, 10s, 30s, 1m, 3m, 5m.* up to 90d/u);
    }
    assert.deepEqual(asked, []);
  });
}

Deno.test("the longest period is what is kept", async () => {
  const { get } = openKept({
    longestPeriodMs: 300_000,
    priceStatistics: () => Promise.resolve(statisticsOf([OKX])),
  });
  assert.equal((await get("/prices/highest/BTC-USDT?period=5m")).status, 200);
  const { status, body } = await get("/prices/highest/BTC-USDT?period=6m");
  assert.equal(status, 400);
  assert.match(body.detail, /up to 5m/u);
});

Deno.test("the highest price says which exchange it was and when, and lists every exchange", async () => {
  const { status, headers, body } = await withBars().get("/prices/highest/BTC-USDT?period=1m");
  assert.equal(status, 200);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.deepEqual(body, {
    statistic: "highest",
    symbol: "BTC-USDT",
    mode: "test",
    period: "1m",
    from: 1000,
    to: 61_000,
    price: 102,
    exchange: "okx",
    timestamp: OKX.maxTime,
    samples: 4,
    complete: true,
    exchanges: [
      {
        exchange: "bybit",
        price: 101,
        timestamp: BYBIT.maxTime,
        samples: 1,
        freshMs: 60_000,
        complete: true,
      },
      { exchange: "okx", price: 102, timestamp: OKX.maxTime, samples: 3, freshMs: 60_000, complete: true },
    ],
    detail: null,
  });
});

Deno.test("the lowest price of one exchange is of that exchange alone", async () => {
  const { get, asked } = withBars();
  const { body } = await get("/prices/lowest/OKX/btcusdt?period=5m");
  assert.deepEqual(asked, [{ symbol: "BTC-USDT", exchange: "okx", periodMs: 300_000 }]);
  assert.equal(body.price, 99);
  assert.equal(body.exchange, "okx");
  assert.equal(body.timestamp, OKX.minTime);
  assert.equal(body.exchanges.length, 1);
});

Deno.test("an average over several exchanges weighs by ticks and is of no exchange and no moment", async () => {
  const { body } = await withBars().get("/prices/average/BTC-USDT");
  assert.equal(body.price, (100 * 3 + 104) / 4);
  assert.equal(body.timeWeightedPrice, 100.4);
  assert.equal(body.exchange, null);
  assert.equal(body.timestamp, null);
  assert.deepEqual(body.exchanges.map((one: { timeWeightedPrice: number }) => one.timeWeightedPrice), [
    100.4,
    100.4,
  ]);
});

Deno.test("a period in which one exchange was not fresh throughout is not complete", async () => {
  const { body } = await withBars([BYBIT, { ...OKX, complete: false, freshMs: 59_999.6 }])
    .get("/prices/highest/BTC-USDT");
  assert.equal(body.complete, false);
  assert.deepEqual(body.exchanges.map((one: { complete: boolean }) => one.complete), [true, false]);
});

Deno.test("no price in the period is an empty answer that says so, and not zero", async () => {
  const { get } = withBars([]);
  for (const statistic of ["highest", "lowest", "average"]) {
    const { status, body } = await get(`/prices/${statistic}/BTC-USDT?period=3s`);
    assert.equal(status, 200);
    const { price, exchange, timestamp, samples, complete, exchanges, detail } = body;
    assert.deepEqual(
      { price, exchange, timestamp, samples, complete, exchanges, detail },
      {
        price: null,
        exchange: null,
        timestamp: null,
        samples: 0,
        complete: false,
        exchanges: [],
        detail: "No price of BTC-USDT in the last 3s",
      },
    );
    assert.equal(body.timeWeightedPrice, statistic === "average" ? null : undefined);
    const ofOne = await get(`/prices/${statistic}/okx/BTC-USDT?period=3s`);
    assert.equal(ofOne.body.detail, "No price of BTC-USDT on okx in the last 3s");
  }
});

Deno.test("a symbol with a plain slash is the symbol, and what is not known is 404", async () => {
  const { get, asked } = withBars();
  assert.equal((await get("/prices/average/btc/usdt")).body.symbol, "BTC-USDT");
  assert.deepEqual(asked, [{ symbol: "BTC-USDT", periodMs: 60_000 }]);
  for (
    const [path, title] of [
      ["/prices/highest/ABC", "Unknown symbol"],
      ["/prices/highest/okx/ABC", "Unknown symbol"],
      ["/prices/highest/nowhere/BTC-USDT", "Unknown exchange"],
      ["/prices/highest/okx'--/BTC-USDT", "Unknown exchange"],
    ] as const
  ) {
    const { status, body } = await get(path);
    assert.equal(status, 404);
    assert.equal(body.title, title);
  }
  assert.deepEqual((await get("/prices/highest/ABC?period=x")).body.knownSymbols, SYMBOLS);
  for (const path of ["/prices/highest", "/prices/median/BTC-USDT", "/prices/highest/a/b/c"]) {
    assert.equal((await get(path)).body.title, "Not found");
  }
});

Deno.test("a history that does not answer is 503 and says what can be had without it", async () => {
  const { get } = openKept({
    priceStatistics: () =>
      Promise.reject(new HistoryError("unreachable", "History at postgres://db is not reachable")),
  });
  const { status, headers, body } = await get("/prices/highest/BTC-USDT?period=1h");
  assert.equal(status, 503);
  assert.equal(headers.get("retry-after"), "5");
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(body.title, "History is not reachable");
  assert.equal(body.detail, "History at postgres://db is not reachable; periods up to 5m do not need it");
});

Deno.test("statistics take HEAD and OPTIONS, and nothing that changes", async () => {
  const { app } = withBars();
  const head = await app.request("/prices/highest/BTC-USDT", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal((await app.request("/prices/highest/ABC", { method: "HEAD" })).status, 404);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    for (
      const path of ["highest/BTC-USDT", "lowest/okx/BTC-USDT", "history/BTC-USDT", "recent/okx/BTC-USDT"]
    ) {
      const { status, headers } = await app.request(`/prices/${path}`, { method });
      assert.equal(status, 405);
      assert.equal(headers.get("allow"), "GET, HEAD, OPTIONS");
    }
  }
});

Deno.test("recent quotes are those of the seconds that are asked for", async () => {
  const asked: { exchange: string; symbol: string; since: number }[] = [];
  const quote = {
    exchange: "okx",
    symbol: "BTC-USDT",
    bid: 1,
    bidSize: 2,
    ask: 3,
    askSize: 4,
    price: 2,
    exchangeTime: null,
    receivedTime: 1_790_000_000_000.4,
    fresh: true,
  };
  const { get } = openKept({
    recentQuotes: (query) => (asked.push(query), Promise.resolve([quote])),
  });
  const before = Date.now();
  const { status, body } = await get("/prices/recent/OKX/BTCUSDT?seconds=60");
  assert.equal(status, 200);
  assert.deepEqual(body, {
    exchange: "okx",
    symbol: "BTC-USDT",
    mode: "test",
    quotes: [{ ...quote, receivedTime: 1_790_000_000_000 }],
  });
  await get("/prices/recent/okx/BTC-USDT");
  assert.ok(asked[0]!.since >= before - 60_000 && asked[0]!.since <= Date.now() - 60_000);
  assert.ok(asked[1]!.since >= before - 300_000 && asked[1]!.since <= Date.now() - 300_000);
  for (const seconds of ["0", "301", "1.5", "x", "1;drop"]) {
    assert.equal((await get(`/prices/recent/okx/BTC-USDT?seconds=${seconds}`)).status, 400);
  }
  assert.equal((await get("/prices/recent/BTC/USDT")).body.title, "Unknown exchange");
});
