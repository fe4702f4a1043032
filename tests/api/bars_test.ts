import assert from "node:assert/strict";
import { serveHttp } from "../../adapters/http/serve.ts";
import type { BarsQuery } from "../../core/ports/history.ts";
import { HistoryError } from "../../core/ports/history.ts";
import type { Log } from "../../core/ports/log.ts";
import { readCsv } from "./csv.ts";
import { barOf, openKept, pagesOf } from "./kept_market.ts";
import { until } from "./program.ts";

const MINUTE_MS = 60_000;
const FROM = 1_790_000_040_000;

const log: Log = { debug() {}, info() {}, warning() {}, error: console.error, with: () => log };

function bars(count: number) {
  return Array.from({ length: count }, (_, at) => barOf({ timestamp: FROM + at * MINUTE_MS, samples: at }));
}

/** Answers every question with the same bars and writes the questions down. */
function withBars(rows = bars(5), pageSize = 2) {
  const asked: Omit<BarsQuery, "mode" | "interval">[] = [];
  return { asked, ...openKept({ bars: (query) => (asked.push(query), pagesOf(rows, pageSize)) }) };
}

async function serve({ app }: ReturnType<typeof openKept>) {
  const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch: app.fetch, log });
  assert.ok(!("refused" in server));
  return { ...server, url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.close(0) };
}

Deno.test("bars have the documented fields, under what they have in common", async () => {
  const { get, asked } = withBars(bars(3));
  const { status, headers, body } = await get(
    `/prices/history/btc_usdt?exchange=OKX&interval=5m&from=${FROM}&to=${FROM + 900_000}`,
  );
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("vary"), "accept");
  assert.equal(headers.get("cache-control"), "no-store");
  const { bars: rows, ...around } = body;
  assert.deepEqual(around, {
    symbol: "BTC-USDT",
    mode: "test",
    interval: "5m",
    from: FROM,
    to: FROM + 900_000,
  });
  const { mode: _, symbol: __, ...first } = barOf({ samples: 0 });
  assert.equal(rows.length, 3);
  assert.deepEqual(rows[0], first);
  assert.deepEqual(asked, [
    { symbol: "BTC-USDT", exchange: "okx", interval: "5m", from: FROM, to: FROM + 900_000 },
  ]);
});

Deno.test("no bar in the range is an empty list", async () => {
  assert.deepEqual((await withBars([]).get("/prices/history/BTC-USDT")).body.bars, []);
  const csv = await withBars([]).app.request("/prices/history/BTC-USDT", { headers: { accept: "text/csv" } });
  assert.match(await csv.text(), /^pair_name,exchange,timestamp,average_price,min_price,max_price,.*\r\n$/u);
});

Deno.test("pages without bars leave nothing behind", async () => {
  const pages = async function* () {
    await Promise.resolve();
    yield [];
    yield bars(1);
    yield [];
    yield [];
    yield bars(2);
    yield [];
  };
  const { get } = openKept({ bars: pages });
  assert.equal((await get("/prices/history/BTC-USDT")).body.bars.length, 3);
});

Deno.test("absent ends of the range are now, and 500 bars before", async () => {
  const { get, asked } = withBars();
  const before = Date.now();
  const { body } = await get("/prices/history/BTC-USDT?interval=1h");
  assert.ok(body.to >= before && body.to <= Date.now());
  assert.equal(body.from, body.to - 500 * 3_600_000);
  await get(`/prices/history/BTC-USDT?to=2026-01-31T12:00:00Z`);
  assert.equal(asked[1]!.to, Date.UTC(2026, 0, 31, 12));
  assert.equal(asked[1]!.from, Date.UTC(2026, 0, 31, 12) - 500 * MINUTE_MS);
});

for (
  const [query, path] of [
    ["interval=2m", "interval"],
    ["interval=1m%27--", "interval"],
    ["from=yesterday", "from"],
    ["from=2026-02-30", "from"],
    ["to=1'%20OR%20'1'='1", "to"],
    ["to=-5", "to"],
    ["to=1e99", "to"],
    ["from=2000&to=1000", "from"],
    ["from=1000&to=1000", "from"],
    ["from=9999-01-01", "from"],
    ["exchange=nowhere", "exchange"],
    ["exchange=okx'%3B%20DROP%20TABLE%20minutes%3B--", "exchange"],
    ["exchange=__proto__", "exchange"],
    ["from=1&from=2", "from"],
  ] as const
) {
  Deno.test(`history?${query} is refused for ${path}, and nothing is asked`, async () => {
    const { get, asked } = withBars();
    const { status, headers, body } = await get(`/prices/history/BTC-USDT?${query}`);
    assert.equal(status, 400);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.deepEqual(body.errors.map((error: { path: string }) => error.path), [path]);
    assert.deepEqual(asked, []);
  });
}

Deno.test("parameters of other names, even those of objects, are not looked at", async () => {
  const { get } = withBars();
  const { status } = await get("/prices/history/BTC-USDT?__proto__=x&constructor=y&toString=z&limit=9");
  assert.equal(status, 200);
});

Deno.test("CSV has the names of the database, times in ISO 8601, and the same figures", async () => {
  const odd = barOf({ bestBid: null, bestAsk: null, samples: 0, complete: false, averagePrice: 1e-7 });
  const { app } = withBars([...bars(3), odd]);
  const path = `/prices/history/BTC-USDT?interval=1h`;
  const response = await app.request(path, { headers: { accept: "text/csv" } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8; header=present");
  assert.equal(
    response.headers.get("content-disposition"),
    `attachment; filename="marketflow-test-BTC-USDT-1h.csv"`,
  );
  assert.equal(response.headers.get("vary"), "accept");
  const records = readCsv(await response.text());
  assert.deepEqual(Object.keys(records[0]!).slice(0, 6), [
    "pair_name",
    "exchange",
    "timestamp",
    "average_price",
    "min_price",
    "max_price",
  ]);
  assert.equal(records.length, 4);
  const [first] = records;
  assert.equal(first!.pair_name, "BTC-USDT");
  assert.equal(Date.parse(first!.timestamp!), FROM);
  assert.match(first!.timestamp!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
  assert.equal(Number(first!.average_price), 100.5);
  assert.equal(first!.mode, "test");
  const last = records[3]!;
  assert.deepEqual([last.best_bid, last.best_ask, last.complete, last.samples], ["", "", "false", "0"]);
  assert.equal(Number(last.average_price), 1e-7);
});

Deno.test("the form follows the qualities in Accept", async () => {
  const { app } = withBars();
  const type = async (accept: string) => {
    const response = await app.request("/prices/history/BTC-USDT", { headers: { accept } });
    await response.body?.cancel();
    return response.headers.get("content-type")!.split(";")[0];
  };
  assert.equal(await type("text/csv;q=0.9, application/json;q=0.8"), "text/csv");
  assert.equal(await type("text/csv;q=0.1, */*"), "application/json");
  assert.equal(await type("text/html,*/*;q=0.8"), "application/json");
});

Deno.test("a history that fails before the first byte is 503, with the reason and when to come back", async () => {
  const failing = openKept({
    // deno-lint-ignore require-yield
    async *bars() {
      await Promise.resolve();
      throw new HistoryError("unreachable", "History does not answer within 5 s");
    },
  });
  for (const accept of ["application/json", "text/csv"]) {
    const { status, headers, body } = await failing.get("/prices/history/BTC-USDT", { headers: { accept } });
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "5");
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("content-disposition"), null);
    assert.equal(body.detail, "History does not answer within 5 s");
  }
});

for (const accept of ["application/json", "text/csv"]) {
  Deno.test(`a history that fails in the middle cuts the connection: ${accept} is never a part that looks whole`, async () => {
    await using server = await serve(openKept({
      async *bars() {
        yield bars(2);
        yield bars(2);
        await Promise.resolve();
        throw new HistoryError("unreachable", "History went away");
      },
    }));
    const response = await fetch(`${server.url}/prices/history/BTC-USDT`, { headers: { accept } });
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });
}

Deno.test("100,000 bars go through with only a few pages read ahead of the reader", async () => {
  const PAGE = 1000;
  const PAGES = 100;
  let read = 0;
  let taken = 0;
  let mostAhead = 0;
  const page = bars(PAGE);
  const kept = openKept({
    async *bars() {
      for (read = 1; read <= PAGES; read++) {
        await Promise.resolve();
        mostAhead = Math.max(mostAhead, read - taken);
        yield page;
      }
    },
  });
  const response = await kept.app.request("/prices/history/BTC-USDT", { headers: { accept: "text/csv" } });
  let lines = 0;
  for await (const piece of response.body!) {
    taken++;
    lines += new TextDecoder().decode(piece).split("\r\n").length - 1;
  }
  assert.equal(lines, PAGE * PAGES + 1);
  assert.ok(mostAhead <= 3, `${mostAhead} pages were held`);
});

Deno.test("a reader that does not read holds the history back, and one that leaves ends the reading", async () => {
  const page = bars(1000);
  let read = 0;
  let readAt = 0;
  let left = false;
  await using server = await serve(openKept({
    async *bars() {
      try {
        for (;;) {
          await Promise.resolve();
          read++;
          readAt = Date.now();
          yield page;
        }
      } finally {
        left = true;
      }
    },
  }));
  const connection = await Deno.connect({ hostname: server.host, port: server.port });
  await connection.write(
    new TextEncoder().encode("GET /prices/history/BTC-USDT HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  await until("the kernel's buffers are full", () => read > 0 && Date.now() - readAt > 300);
  assert.ok(read < 500, `${read} pages were read for nobody`);
  assert.equal(left, false);
  connection.close();
  await until("the reading ends", () => left);
});

Deno.test("HEAD says what GET would and reads no more than the first page", async () => {
  let read = 0;
  let left = false;
  const kept = openKept({
    bars: () => pagesOf(bars(100), 1, { read: () => void read++, left: () => void (left = true) }),
  });
  await using server = await serve(kept);
  for (const accept of ["application/json", "text/csv"]) {
    [read, left] = [0, false];
    const response = await fetch(`${server.url}/prices/history/BTC-USDT`, {
      method: "HEAD",
      headers: { accept },
    });
    assert.equal(response.status, 200);
    assert.ok(response.headers.get("content-type")!.startsWith(accept));
    assert.equal(await response.text(), "");
    assert.equal(read, 1);
    assert.equal(left, true);
  }
});

Deno.test("a long answer comes over the socket as it was written", async () => {
  await using server = await serve(withBars(bars(20_000), 1000));
  const response = await fetch(`${server.url}/prices/history/BTC-USDT`);
  assert.equal(response.headers.get("content-length"), null);
  const { bars: rows } = await response.json();
  assert.deepEqual(
    rows.map((bar: { samples: number }) => bar.samples),
    Array.from({ length: 20_000 }, (_, at) => at),
  );
});
