/** The past over HTTP out of real databases: whole pages, whole ranges, and memory that does not grow with them. */
import assert from "node:assert/strict";
import { openHistory } from "../../adapters/history/open.ts";
import { serveHttp } from "../../adapters/http/serve.ts";
import type { Bar, StoredInterval } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Log } from "../../core/ports/log.ts";
import { newDatabase, serverIsMissing } from "../history/postgres.ts";
import { seeded } from "../random.ts";
import { readCsv } from "./csv.ts";
import { barOf, episodeOf, EXCHANGES, openKept } from "./kept_market.ts";

const log: Log = { debug() {}, info() {}, warning() {}, error: console.error, with: () => log };
const MINUTE_MS = 60_000;
const NOW = 1_790_000_040_000;
const SEED = 20_261_121;

interface Database extends AsyncDisposable {
  url: string;
}

const KINDS: readonly { kind: string; ignore: boolean; create: () => Promise<Database> }[] = [
  {
    kind: "SQLite",
    ignore: false,
    create() {
      const folder = Deno.makeTempDirSync({ prefix: "api_history_" });
      const remove = () => Deno.remove(folder, { recursive: true });
      return Promise.resolve({ url: `sqlite:${folder}/history.db`, [Symbol.asyncDispose]: remove });
    },
  },
  { kind: "PostgreSQL", ignore: await serverIsMissing(), create: newDatabase },
];

/** The routes over a history that has these. */
async function opened(
  create: () => Promise<Database>,
  { minutes = [], episodes = [] }: { minutes?: Bar[]; episodes?: Episode[] },
) {
  const database = await create();
  const history = openHistory(database.url, { dataDir: "." });
  await history.migrate();
  for (let at = 0; at < minutes.length; at += 10_000) {
    await history.write({ minutes: minutes.slice(at, at + 10_000), episodes: [] });
  }
  await history.write({ minutes: [], episodes });
  const kept = openKept({
    bars: (query) => history.bars({ ...query, mode: "test", interval: query.interval as StoredInterval }),
    episodes: (query) => history.episodes({ ...query, mode: "test" }),
  });
  return {
    ...kept,
    async serve() {
      const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch: kept.app.fetch, log });
      assert.ok(!("refused" in server));
      return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.close(0) };
    },
    async [Symbol.asyncDispose]() {
      await history.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Many that closed at the same time, and times with microseconds. */
function manyEpisodes(count: number): Episode[] {
  const random = seeded(SEED);
  return Array.from({ length: count }, (_, at) => {
    const closedAt = NOW - Math.floor(random() * count / 4) / 8;
    const one = episodeOf(closedAt, `m8k2x1-${at}`, {
      symbol: random() < 0.5 ? "BTC-USDT" : "ETH-USDT",
      reason: random() < 0.5 ? "leg_stale" : "below_threshold",
    });
    return { ...one, peak: { ...one.peak, netBps: Math.floor(random() * 50) } };
  });
}

function latestFirst(episodes: readonly Episode[]): string[] {
  return episodes.toSorted((a, b) => b.end.time - a.end.time || (a.id < b.id ? 1 : -1)).map((one) => one.id);
}

function test(name: string, fn: (create: () => Promise<Database>) => Promise<void>): void {
  for (const { kind, ignore, create } of KINDS) {
    Deno.test({ name: `${kind} over HTTP: ${name}`, ignore, fn: () => fn(create) });
  }
}

for (
  const [query, fits] of [
    ["limit=37", () => true],
    ["limit=1000", () => true],
    ["limit=13&symbol=BTC-USDT", (one: Episode) => one.symbol === "BTC-USDT"],
    ["limit=50&reason=leg_stale&exchange=okx", (one: Episode) => one.reason === "leg_stale"],
    ["limit=9&minNetBps=40", (one: Episode) => one.peak.netBps >= 40],
    [
      `limit=11&from=${NOW - 40}&to=${NOW - 10}`,
      (one: Episode) => one.end.time >= NOW - 40 && one.end.time < NOW - 10,
    ],
  ] as const
) {
  test(`pages have every episode once: ${query} (seed ${SEED})`, async (create) => {
    const episodes = manyEpisodes(1200);
    await using past = await opened(create, { episodes });
    const seen: string[] = [];
    for (let cursor = "";;) {
      const { status, body } = await past.get(`/opportunities/history?${query}&cursor=${cursor}`);
      assert.equal(status, 200);
      seen.push(...body.episodes.map((one: { id: string }) => one.id));
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
    const expected = latestFirst(episodes.filter(fits));
    assert.ok(expected.length > 20);
    assert.deepEqual(seen, expected);
    const whole = await past.app.request(`/opportunities/history?${query.replace(/limit=\d+/u, "")}`, {
      headers: { accept: "text/csv" },
    });
    assert.deepEqual(readCsv(await whole.text()).map((one) => one.id), expected);
  });
}

test("100,000 bars come whole over the socket, in pieces far smaller than the answer", async (create) => {
  const COUNT = 50_000;
  const minutes = Array.from({ length: COUNT }, (_, at) => NOW + at * MINUTE_MS).flatMap((timestamp, at) =>
    EXCHANGES.map((exchange) => barOf({ exchange, timestamp, samples: at, averagePrice: 100 + at / 8 }))
  );
  await using past = await opened(create, { minutes });
  await using server = await past.serve();
  const path = `${server.url}/prices/history/BTC-USDT?from=${NOW}&to=${NOW + COUNT * MINUTE_MS}`;
  const expected = minutes.map((bar) => `${bar.timestamp} ${bar.exchange} ${bar.averagePrice}`);

  for (const accept of ["application/json", "text/csv"]) {
    const response = await fetch(path, { headers: { accept } });
    assert.equal(response.status, 200);
    const decoder = new TextDecoder();
    let text = "";
    let largest = 0;
    for await (const piece of response.body!) {
      largest = Math.max(largest, piece.length);
      text += decoder.decode(piece, { stream: true });
    }
    assert.ok(
      text.length > 5_000_000 && largest < 1_000_000,
      `A piece of ${largest} bytes of ${text.length}`,
    );
    const seen = accept === "text/csv"
      ? readCsv(text).map((row) => `${Date.parse(row.timestamp!)} ${row.exchange} ${row.average_price}`)
      : JSON.parse(text).bars.map((bar: Bar) => `${bar.timestamp} ${bar.exchange} ${bar.averagePrice}`);
    assert.deepEqual(seen, expected);
  }
});
