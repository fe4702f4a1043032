/** The program as it comes: nothing installed, nothing configured. All of the API works, before and after a restart. */
import assert from "node:assert/strict";
import type { BarJson, EpisodeJson, StatisticJson } from "../../../core/app/wire.ts";
import { until } from "../process.ts";
import type { Program } from "../program.ts";
import { Stream } from "../stream.ts";
import { windowOf } from "./oracle.ts";
import { Instance } from "./instance.ts";
import { bars, Sql } from "./sql.ts";

const SYMBOL = "BTC-USDT";
const PERIODS = ["1s", "5s", "1m", "5m", "10m", "1h", "24h", "30d", "90d"];
const STATISTICS = ["highest", "lowest", "average"];
const PATHS = [
  "/",
  "/health",
  "/mode",
  "/venues",
  "/openapi.json",
  `/pairs/${SYMBOL}`,
  `/prices/latest/${SYMBOL}`,
  `/prices/latest/kraken/${SYMBOL}`,
  `/prices/recent/kraken/${SYMBOL}`,
  ...STATISTICS.flatMap((name) => PERIODS.map((period) => `/prices/${name}/${SYMBOL}?period=${period}`)),
  ...STATISTICS.map((name) => `/prices/${name}/okx/${SYMBOL}?period=10m`),
  ...["1m", "5m", "1h", "1d"].map((interval) => `/prices/history/${SYMBOL}?interval=${interval}`),
  `/prices/history/${SYMBOL}?exchange=bybit&from=2020-01-01`,
  "/opportunities",
  "/opportunities/history",
  `/opportunities/history?symbol=${SYMBOL}&limit=2`,
];
const AS_CSV = [`/prices/history/${SYMBOL}`, "/opportunities/history"];

async function allAnswers(program: Program): Promise<void> {
  const refusals: string[] = [];
  const get = async (path: string, accept: string) => {
    const response = await fetch(program.url + path, { headers: { accept } });
    const text = await response.text();
    if (response.status !== 200) refusals.push(`${path} (${accept}): ${response.status} ${text}`);
  };
  for (const path of PATHS) await get(path, "*/*");
  for (const path of AS_CSV) await get(path, "text/csv");
  assert.deepEqual(refusals, []);
}

/** Where it is still starting, a quote may not be there, and neither may the file of the history. */
async function started(program: Program): Promise<void> {
  await until("every exchange quotes", () => program.quotes(SYMBOL), ({ length }) => length === 4);
  await until("the history is open", () => program.health(), ({ history }) => history.state === "ok");
}

const history = async (program: Program) =>
  (await program.get<{ bars: BarJson[] }>(`/prices/history/${SYMBOL}`)).bars;
const episodes = async (program: Program) =>
  (await program.get<{ episodes: EpisodeJson[] }>("/opportunities/history?limit=1000")).episodes;

Deno.test("without PostgreSQL and Redis all of the API works, before and after a restart", async () => {
  await using instance = await Instance.in({ history: { quotes: true } });
  const first = await instance.start();
  await started(first);
  await allAnswers(first);
  const stream = await Stream.connect(first.url);
  await until(
    "an opportunity has come and gone, and another is open",
    () => stream.closed.length > 0 && stream.open.size > 0,
  );
  await until(
    "it can be looked up",
    () => episodes(first),
    (found) => stream.closed.every(({ id }) => found.some((one) => one.id === id)),
  );
  const before = { bars: await history(first), episodes: await episodes(first) };
  assert.ok(before.bars.length >= 4);
  await until("something is open that the stop will close", () => stream.open.size > 0);
  assert.equal((await instance.stop()).code, 0);
  await until("the stream was read to its end", () => stream.end !== undefined);
  await stream[Symbol.asyncDispose]();
  const open = stream.closed.filter(({ reason }) => reason === "shutdown");
  assert.ok(open.length > 0);
  await using sql = Sql.sqlite(`${instance.dataDir}/history.sqlite`);
  const kept = (await bars(sql, "minutes")).filter(({ pair_name }) => pair_name === SYMBOL);
  assert.ok(kept.some(({ complete }) => !complete));

  const restartedAt = Date.now();
  const again = await instance.start();
  await started(again);
  await allAnswers(again);
  const after = { bars: await history(again), episodes: await episodes(again) };
  for (const bar of before.bars) {
    const same = after.bars.find(({ exchange, timestamp }) =>
      exchange === bar.exchange && timestamp === bar.timestamp
    );
    assert.ok(same !== undefined && same.samples >= bar.samples, JSON.stringify({ bar, same }));
  }
  for (const { id, reason } of [...before.episodes, ...open]) {
    assert.ok(after.episodes.some((one) => one.id === id && one.reason === reason), `${id} is there`);
  }
  const answer = await again.get<StatisticJson>(`/prices/average/${SYMBOL}?period=1h`);
  assert.equal((await instance.stop()).code, 0);
  for (const { exchange, price, samples } of answer.exchanges) {
    const parts = kept.filter((row) => row.exchange === exchange);
    const earlier = parts.reduce((sum, row) => sum + row.samples, 0);
    const [since] = (await windowOf(sql, {
      symbol: SYMBOL,
      samples: new Map([[exchange, samples - earlier]]),
      from: restartedAt,
      to: answer.to,
    })).values();
    const total = parts.reduce((sum, row) => sum + row.average_price * row.samples, 0) +
      since!.average * since!.samples;
    assert.equal(since!.samples, samples - earlier);
    assert.ok(Math.abs(price - total / samples) <= 1e-9 * price, `${exchange}: ${price}, ${total / samples}`);
  }
});

Deno.test("a second program on the same folder says so and does not disturb the first", async () => {
  await using one = await Instance.in({});
  const first = await one.start();
  await until(
    "the first is well and has begun to keep",
    () => first.health(),
    ({ status, history }) => status === "ok" && history.state === "ok",
  );
  await using other = await Instance.in({ dataDir: one.dataDir });
  const second = await other.start();
  const health = await until(
    "the second says what is wrong",
    () => second.health(),
    ({ status, outbox }) => status === "degraded" && outbox.state === "failing",
  );
  assert.match(health.problems.join("\n"), /in use by another process/u);
  await until("the second quotes all the same", () => second.quotes(SYMBOL), ({ length }) => length === 4);
  const { status, problems } = await first.health();
  assert.deepEqual({ status, problems }, { status: "ok", problems: [] });
  assert.equal((await one.stop()).code, 0);
  await until("the second takes over", () => second.health(), ({ status }) => status === "ok");
  assert.equal((await other.stop()).code, 0);
});
