/** What no honest client sends, in every place where text goes in: it is refused in words, or means what it says. */
import assert from "node:assert/strict";
import { openHistory } from "../../adapters/history/open.ts";
import type { StoredInterval } from "../../core/domain/bar.ts";
import { seeded } from "../random.ts";
import { barOf, episodeOf, openKept, statisticsOf } from "./kept_market.ts";

const NOW = 1_790_000_040_000;
const SEED = 20_261_122;

const PAYLOADS = [
  "'; DROP TABLE minutes; --",
  "1 OR 1=1",
  "okx' UNION SELECT sql FROM sqlite_master --",
  "BTC-USDT\0",
  "../../../../etc/passwd",
  "<script>alert(1)</script>",
  '=HYPERLINK("http://evil.example")',
  "\r\nset-cookie: a=b",
  "%00%ff",
  "\u202etxet",
  "NaN",
  "-0",
  "1e309",
  "9".repeat(400),
  "A".repeat(8000),
  "__proto__",
  "constructor",
  "{}",
  "[object Object]",
  "${7*7}",
];

const PATHS = [
  "/prices/highest/{}",
  "/prices/highest/{}/BTC-USDT",
  "/prices/lowest/okx/{}",
  "/prices/average/BTC-USDT?period={}",
  "/prices/recent/{}/BTC-USDT",
  "/prices/recent/okx/{}",
  "/prices/recent/okx/BTC-USDT?seconds={}",
  "/prices/history/{}",
  ...["exchange", "from", "to", "interval"].map((name) => `/prices/history/BTC-USDT?${name}={}`),
  ...["symbol", "exchange", "minNetBps", "reason", "from", "to", "limit", "cursor"].map((name) =>
    `/opportunities/history?${name}={}`
  ),
];

async function openFile() {
  const folder = Deno.makeTempDirSync({ prefix: "api_hostile_" });
  const history = openHistory("sqlite:history.db", { dataDir: folder });
  await history.migrate();
  await history.write({ minutes: [barOf({ timestamp: NOW })], episodes: [episodeOf(NOW, "m8k2x1-1")] });
  const kept = openKept({
    priceStatistics: (query) => Promise.resolve(statisticsOf([], { symbol: query.symbol })),
    recentQuotes: () => Promise.resolve([]),
    bars: (query) => history.bars({ ...query, mode: "test", interval: query.interval as StoredInterval }),
    episodes: (query) => history.episodes({ ...query, mode: "test" }),
  });
  return {
    ...kept,
    async [Symbol.asyncDispose]() {
      await history.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** Asks in both forms and returns the statuses. Nothing that was sent may come back as a header. */
async function ask(file: Awaited<ReturnType<typeof openFile>>, path: string): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (const accept of ["application/json", "text/csv"]) {
    const response = await file.app.request(path, { headers: { accept } });
    await response.text();
    assert.equal(response.headers.get("set-cookie"), null, path);
    if (response.status !== 200) {
      assert.equal(response.headers.get("content-type"), "application/problem+json");
    }
    statuses.add(response.status);
  }
  return statuses;
}

for (const path of PATHS) {
  Deno.test(`nothing hostile gets through ${path}`, async () => {
    await using file = await openFile();
    for (const payload of PAYLOADS) {
      const statuses = await ask(file, path.replace("{}", encodeURIComponent(payload)));
      // A least edge of minus nothing is one.
      const expected = path.includes("minNetBps") && payload === "-0" ? [200] : [400, 404];
      assert.ok([...statuses].every((status) => expected.includes(status)), `${payload}: ${[...statuses]}`);
    }
    const { body } = await file.get(`/prices/history/BTC-USDT?from=${NOW}&to=${NOW + 1}`);
    assert.equal(body.bars.length, 1);
    assert.equal((await file.get("/opportunities/history")).body.episodes.length, 1);
  });
}

Deno.test(`no text makes a route fail (seed ${SEED})`, async () => {
  await using file = await openFile();
  const random = seeded(SEED);
  const text = () =>
    Array.from(
      { length: 1 + Math.floor(random() * 12) },
      () =>
        random() < 0.7
          ? "0123456789smhdTZ:-+.eE "[Math.floor(random() * 23)]
          : String.fromCharCode(Math.floor(random() * 0xd7ff)),
    ).join("");
  for (let i = 0; i < 2000; i++) {
    const path = PATHS[Math.floor(random() * PATHS.length)]!.replace("{}", encodeURIComponent(text()));
    const statuses = await ask(file, path);
    assert.ok([...statuses].every((status) => [200, 400, 404].includes(status)), `${path}: ${[...statuses]}`);
  }
});
