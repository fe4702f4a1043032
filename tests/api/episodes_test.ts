import assert from "node:assert/strict";
import type { Episode } from "../../core/domain/episode.ts";
import { type EpisodesQuery, HistoryError } from "../../core/ports/history.ts";
import { readCsv } from "./csv.ts";
import { episodeOf, openKept, pagesOf } from "./kept_market.ts";

const NOW = 1_790_000_000_000;

/** Latest closed first, of equal ones by id from high to low; three of a time close together. */
function episodes(count: number): Episode[] {
  return Array.from(
    { length: count },
    (_, at) => episodeOf(NOW - Math.floor(at / 3) * 1000 + 0.25, `m8k2x1-${String(999 - at)}`),
  );
}

/** Keeps episodes and goes on after a place as the history does. */
function withEpisodes(kept: Episode[], pageSize = 7) {
  const asked: Omit<EpisodesQuery, "mode">[] = [];
  const read = { pages: 0, left: 0 };
  const market = openKept({
    episodes(query) {
      asked.push(query);
      const { after } = query;
      const rest = kept.filter(({ id, end }) =>
        after === undefined || end.time < after.closedAt || (end.time === after.closedAt && id < after.id)
      ).slice(0, query.limit);
      return pagesOf(rest, pageSize, { read: () => void read.pages++, left: () => void read.left++ });
    },
  });
  return { ...market, asked, read };
}

Deno.test("episodes have the documented fields and whole milliseconds", async () => {
  const { get } = withEpisodes(episodes(1));
  const { status, headers, body } = await get("/opportunities/history");
  assert.equal(status, 200);
  assert.equal(headers.get("vary"), "accept");
  const { mode: _, ...expected } = episodeOf(NOW, "m8k2x1-999");
  assert.deepEqual(body, { mode: "test", episodes: [expected], nextCursor: null });
});

Deno.test("without limit a page has 100, and no more is read than it takes to know that more follow", async () => {
  const { get, read } = withEpisodes(episodes(250), 10);
  const { body } = await get("/opportunities/history");
  assert.equal(body.episodes.length, 100);
  assert.ok(body.nextCursor);
  assert.deepEqual(read, { pages: 11, left: 1 });
});

for (const limit of [1, 2, 3, 7, 49, 50, 51]) {
  Deno.test(`pages of ${limit} have every episode once, also where some close meanwhile`, async () => {
    const kept = episodes(50);
    const expected = kept.map((one) => one.id);
    const { get } = withEpisodes(kept);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null; pages++) {
      assert.ok(pages <= 50, "It goes on and on");
      const { status, body } = await get(`/opportunities/history?limit=${limit}&cursor=${cursor}`);
      assert.equal(status, 200);
      assert.ok(body.episodes.length > 0 && body.episodes.length <= limit);
      seen.push(...body.episodes.map((one: { id: string }) => one.id));
      cursor = body.nextCursor;
      kept.unshift(episodeOf(NOW + 1000 + pages, `late-${pages}`));
    }
    assert.deepEqual(seen, expected);
  });
}

Deno.test("filters reach the history in canonical form, ends of the range by closing time", async () => {
  const { get, asked } = withEpisodes([]);
  const { body } = await get(
    "/opportunities/history?symbol=btcusdt&exchange=OKX&minNetBps=-7.5&reason=leg_stale" +
      "&from=2026-01-31&to=1790000000000&limit=5",
  );
  assert.deepEqual(body, { mode: "test", episodes: [], nextCursor: null });
  assert.deepEqual(asked, [{
    symbol: "BTC-USDT",
    exchange: "okx",
    minNetBps: -7.5,
    reason: "leg_stale",
    from: Date.UTC(2026, 0, 31),
    to: 1_790_000_000_000,
    limit: 6,
  }]);
});

const INJECTION = encodeURIComponent(`x'; DROP TABLE episodes; --`);

for (
  const [query, path] of [
    [`symbol=${INJECTION}`, "symbol"],
    [`exchange=${INJECTION}`, "exchange"],
    [`minNetBps=${INJECTION}`, "minNetBps"],
    [`reason=${INJECTION}`, "reason"],
    [`from=${INJECTION}`, "from"],
    [`to=${INJECTION}`, "to"],
    [`limit=${INJECTION}`, "limit"],
    [`cursor=${INJECTION}`, "cursor"],
    ["reason=below_filter", "reason"],
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=1.5", "limit"],
    ["minNetBps=Infinity", "minNetBps"],
    ["from=2&to=1", "from"],
    ["cursor=abc", "cursor"],
    ["cursor=%00", "cursor"],
    [`cursor=${"A".repeat(5000)}`, "cursor"],
    [`cursor=${btoa("NaN m8k2x1-1").replaceAll("=", "")}`, "cursor"],
    [`cursor=${btoa("1790000000000 ' OR 1=1").replaceAll("=", "")}`, "cursor"],
    [`cursor=${btoa("1790000000000").replaceAll("=", "")}`, "cursor"],
  ] as const
) {
  Deno.test(`opportunities/history?${query.slice(0, 60)} is refused for ${path}, and nothing is asked`, async () => {
    const { get, asked } = withEpisodes(episodes(1));
    const { status, headers, body } = await get(`/opportunities/history?${query}`);
    assert.equal(status, 400);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.deepEqual(body.errors.map((error: { path: string }) => error.path), [path]);
    assert.deepEqual(asked, []);
  });
}

Deno.test("CSV has every episode of the range without pages, its moments side by side", async () => {
  const { app } = withEpisodes(episodes(250), 10);
  const headers = { accept: "text/csv" };
  const response = await app.request("/opportunities/history", { headers });
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8; header=present");
  assert.match(response.headers.get("content-disposition")!, /^attachment; filename="[\w.-]+\.csv"$/u);
  const records = readCsv(await response.text());
  assert.equal(records.length, 250);
  const [first] = records;
  assert.deepEqual(
    [first!.id, first!.pair_name, first!.buy_exchange, first!.sell_exchange, first!.reason, first!.mode],
    ["m8k2x1-999", "BTC-USDT", "bybit", "okx", "below_threshold", "test"],
  );
  assert.equal(Date.parse(first!.closed_at!), NOW);
  assert.equal(Number(first!.peak_net_bps), 30);
  assert.equal(Number(first!.end_net_bps), -2.5);
  for (const moment of ["start", "peak", "end"]) {
    const costs = ["fees_quote", "impact_quote", "gas_quote"].map((cost) => first![`${moment}_${cost}`]);
    assert.deepEqual(costs, ["0.25", "0.125", "0.0625"]);
  }
});

Deno.test("a limit caps CSV, and ends the reading", async () => {
  const { app, read } = withEpisodes(episodes(250), 10);
  const response = await app.request("/opportunities/history?limit=25", { headers: { accept: "text/csv" } });
  assert.equal(readCsv(await response.text()).length, 25);
  assert.deepEqual(read, { pages: 3, left: 1 });
});

Deno.test("HEAD of a long CSV reads its first page alone", async () => {
  const { app, read } = withEpisodes(episodes(250), 10);
  const init = { method: "HEAD", headers: { accept: "text/csv" } };
  assert.equal((await app.request("/opportunities/history", init)).status, 200);
  assert.deepEqual(read, { pages: 1, left: 1 });
});

Deno.test("a history that does not answer is 503", async () => {
  const { get } = openKept({
    // deno-lint-ignore require-yield
    async *episodes() {
      await Promise.resolve();
      throw new HistoryError("refused", "Schema of the history is newer than this program");
    },
  });
  for (const accept of ["application/json", "text/csv"]) {
    const { status, headers, body } = await get("/opportunities/history", { headers: { accept } });
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "5");
    assert.equal(body.detail, "Schema of the history is newer than this program");
  }
});
