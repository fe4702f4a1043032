/** Statistics of the whole program against SQL over the raw ticks of the same run, in both databases. */
import assert from "node:assert/strict";
import type { StatisticJson } from "../../../core/app/wire.ts";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { VENUES } from "../exchanges.ts";
import { pause, until } from "../process.ts";
import { ask, checkAnswer, checkBars } from "./answers.ts";
import { Instance } from "./instance.ts";
import { index } from "./oracle.ts";
import { PostgresServer, WITHOUT_POSTGRES } from "./services.ts";
import { type BarRow, bars, Sql } from "./sql.ts";

const PERIODS = ["1s", "3s", "5s", "10s", "30s", "1m", "3m", "5m", "10m"];
const SYMBOLS = ["BTC-USDT", "ETH-USDT", "XRP-USDT", "DOGE-USDT"];

/** Runs until a whole minute is closed, with questions in between, then once more on what was kept. */
async function runAndCheck(history: { url: string; open(dataDir: string): Sql }): Promise<void> {
  await using instance = await Instance.in({
    symbols: SYMBOLS,
    history: { url: history.url, quotes: true },
  });
  const program = await instance.start();
  const answers: StatisticJson[] = [];
  const question = async (symbol: string) => answers.push(...await ask(program.url, symbol, PERIODS, VENUES));
  await until(
    "every exchange quotes",
    () => program.venues(),
    (all) => all.every((one) => one.freshQuotes > 0),
  );
  await question(SYMBOLS[0]!);
  const whole = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  await pause(whole - Date.now());
  // The minute before is over and not closed yet: a seam.
  await question(SYMBOLS[1]!);
  await pause(whole + MINUTE_MS + 10 - Date.now());
  await question(SYMBOLS[2]!);
  await until(
    "the whole minute is in the history",
    async () => (await program.health()).outbox.records === 0 && Date.now() > whole + MINUTE_MS + 3_000,
  );
  await question(SYMBOLS[3]!);
  assert.equal((await instance.stop()).code, 0);

  await using sql = history.open(instance.dataDir);
  await index(sql);
  assert.equal(await sql.value("select count(*) as n from quotes where state <> 'fresh' or ticks <> 1"), 0);
  for (const answer of answers) await checkAnswer(sql, answer);

  const minutes = await bars(sql, "minutes");
  const closed = minutes.filter(({ timestamp }) => timestamp <= whole);
  await checkBars(sql, closed, MINUTE_MS);
  const complete = closed.filter((bar) => bar.complete);
  assert.equal(complete.length, VENUES.length * SYMBOLS.length, "The whole minute is complete everywhere");
  assert.ok(complete.every(({ timestamp }) => timestamp === whole));
  await checkHours(sql, minutes);
}

/** An hour is what its minutes make of it. */
async function checkHours(sql: Sql, minutes: readonly BarRow[]): Promise<void> {
  const hours = await bars(sql, "hours");
  const keyOf = ({ exchange, pair_name, timestamp }: BarRow) =>
    `${exchange} ${pair_name} ${timestamp - timestamp % 3_600_000}`;
  const parts = Map.groupBy(minutes, keyOf);
  assert.deepEqual(new Set(hours.map(keyOf)), new Set(parts.keys()));
  for (const hour of hours) {
    const of = parts.get(keyOf(hour))!;
    const sum = (value: (bar: BarRow) => number) => of.reduce((total, bar) => total + value(bar), 0);
    const near = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 1e-9 * expected, JSON.stringify({ hour, of }));
    assert.equal(hour.samples, sum((bar) => bar.samples));
    assert.equal(hour.min_price, Math.min(...of.map((bar) => bar.min_price)));
    assert.equal(hour.max_price, Math.max(...of.map((bar) => bar.max_price)));
    assert.equal(hour.first_price, of[0]!.first_price);
    assert.equal(hour.last_price, of.at(-1)!.last_price);
    near(hour.average_price, sum((bar) => bar.average_price * bar.samples) / hour.samples);
    near(hour.fresh_ms, sum((bar) => bar.fresh_ms));
    near(hour.time_weighted_price, sum((bar) => bar.time_weighted_price * bar.fresh_ms) / hour.fresh_ms);
  }
}

Deno.test("statistics and minutes in SQLite are what SQL makes of the raw ticks", () =>
  runAndCheck({
    url: "sqlite:history.sqlite",
    open: (dataDir) => Sql.sqlite(`${dataDir}/history.sqlite`),
  }));

Deno.test({
  name: `statistics and minutes in PostgreSQL are what SQL makes of the raw ticks${WITHOUT_POSTGRES}`,
  ignore: WITHOUT_POSTGRES !== "",
  async fn() {
    await using server = await PostgresServer.start();
    await runAndCheck({ url: server.url, open: () => server.sql() });
  },
});
