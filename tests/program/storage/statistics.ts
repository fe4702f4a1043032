/** Statistics of the whole program against SQL over the raw ticks of the same run. */
import assert from "node:assert/strict";
import type { StatisticJson } from "../../../core/app/wire.ts";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { VENUES } from "../exchanges.ts";
import { pause, until } from "../process.ts";
import { ask, checkAnswer, checkBars } from "./answers.ts";
import type { Program } from "../program.ts";
import { Instance } from "./instance.ts";
import { index, timeOf } from "./oracle.ts";
import { type BarRow, bars, type Sql } from "./sql.ts";

const PERIODS = ["1s", "3s", "5s", "10s", "30s", "1m", "3m", "5m", "10m"];
const SYMBOLS = ["BTC-USDT", "ETH-USDT", "XRP-USDT", "DOGE-USDT"];

export interface StatisticsOptions {
  url: string;
  open(dataDir: string): Sql;
  /** Whole minutes of the run. */
  minutes: number;
  stepsPerSecond?: number;
  say?(what: string): void;
}

/** Runs until whole minutes are closed, with questions in between, then computes the answers anew. */
export async function statistics(options: StatisticsOptions): Promise<void> {
  const { url, open, minutes: wholeMinutes, stepsPerSecond = 20, say = () => {} } = options;
  await using instance = await Instance.in({
    symbols: SYMBOLS,
    history: { url, quotes: true },
    test: { stepsPerSecond },
  });
  const program = await instance.start();
  const answers: StatisticJson[] = [];
  let asked = 0;
  const question = async () =>
    answers.push(...await ask(program.url, SYMBOLS[asked++ % SYMBOLS.length]!, PERIODS, VENUES));
  await allQuote(program, SYMBOLS);
  await question();
  const first = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  const end = first + wholeMinutes * MINUTE_MS;
  // A minute that is over and not closed yet, and one that has just been: seams.
  for (let minute = first; minute <= end; minute += MINUTE_MS) {
    await pause(minute + 10 - Date.now());
    await question();
  }
  await until(
    "the last whole minute is in the history",
    async () => (await program.health()).outbox.records === 0 && Date.now() > end + 3_000,
  );
  await question();
  await ticksKept(open, instance.dataDir);
  const { history } = await program.health();
  assert.equal(history.quotesDropped, 0);
  assert.equal((await instance.stop()).code, 0);

  await using sql = open(instance.dataDir);
  await index(sql);
  assert.equal(await sql.value("select count(*) as n from quotes where state <> 'fresh' or ticks <> 1"), 0);
  for (const answer of answers) await checkAnswer(sql, answer);
  const minutes = await bars(sql, "minutes");
  const closed = minutes.filter(({ timestamp }) => timestamp < end);
  await checkBars(sql, closed, MINUTE_MS);
  const complete = closed.filter((bar) => bar.complete);
  const [early, whole] = [
    complete.filter(({ timestamp }) => timestamp < first),
    complete.filter(({ timestamp }) => timestamp >= first),
  ];
  assert.equal(whole.length, wholeMinutes * VENUES.length * SYMBOLS.length, "Whole minutes are complete");
  // The program started around the turn of a minute: an exchange may have quoted before it when others had not.
  const since = await firstTimes(sql);
  for (const bar of early) {
    assert.ok(since.get(`${bar.exchange} ${bar.pair_name}`)! <= bar.timestamp + 1, JSON.stringify(bar));
  }
  await checkHours(sql, minutes);
  const quotes = await sql.value("select count(*) as n from quotes");
  say(`${answers.length} answers and ${closed.length} minutes are what SQL makes of ${quotes} raw ticks`);
}

/** Whoever quotes later has no whole minute before. */
async function allQuote(program: Program, symbols: readonly string[]): Promise<void> {
  await until(
    "every exchange quotes every symbol",
    () => program.venues(),
    (all) => all.every((one) => one.freshQuotes === symbols.length),
  );
}

/** Raw ticks wait in memory only, and a stop leaves a busy machine little time for them. */
async function ticksKept(open: StatisticsOptions["open"], dataDir: string): Promise<void> {
  const asked = Date.now();
  await using sql = open(dataDir);
  const last = `select max(${sql.ms("received_time")}) as last from quotes group by exchange`;
  await until(
    "the ticks of all answers are in the history",
    () => sql.value(`select min(last) from (${last}) each`),
    (time) => time > asked,
  );
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

/**
 * A channel with room for two rows: ticks are conflated on the way, and the minutes have them all. What a row stands for
 * came before it, so at each end of a minute the ticks of one row may belong to the minute before.
 */
export async function conflated({ url, open }: Pick<StatisticsOptions, "url" | "open">): Promise<void> {
  const more = ["SOL-USDT", "ADA-USDT", "LTC-USDT", "LINK-USDT", "AVAX-USDT", "TON-USDT"];
  const symbols = [...SYMBOLS, ...more];
  await using instance = await Instance.in({
    symbols,
    history: { url, quotes: true },
    channel: { capacity: 2 },
    test: { stepsPerSecond: 100 },
  });
  const program = await instance.start();
  await allQuote(program, symbols);
  const end = Math.ceil((Date.now() + 5_000) / MINUTE_MS) * MINUTE_MS;
  await pause(end - Date.now());
  await until(
    "the minute is in the history",
    async () => (await program.health()).outbox.records === 0 && Date.now() > end + 3_000,
  );
  const { history: { quotesDropped } } = await program.health();
  assert.equal(quotesDropped, 0);
  assert.equal((await instance.stop()).code, 0);

  await using sql = open(instance.dataDir);
  await index(sql);
  let conflated = 0;
  const rows = (await bars(sql, "minutes")).filter(({ timestamp }) => timestamp < end);
  assert.ok(rows.length >= 40);
  for (const [timestamp, minute] of Map.groupBy(rows, (row) => row.timestamp)) {
    const raw = await timeOf(sql, timestamp, timestamp + MINUTE_MS);
    const beyond = await firstAfter(sql, timestamp + MINUTE_MS);
    const within = await firstAfter(sql, timestamp);
    for (const bar of minute) {
      const name = `${bar.exchange} ${bar.pair_name}`;
      // All that it had may be conflated into a row of the minute after.
      const of = raw.get(name) ?? { ticks: 0, samples: 0, min: Infinity, max: -Infinity, carried: false };
      const what = JSON.stringify({ bar, of });
      assert.ok(bar.samples >= of.ticks - (of.carried ? within.get(name)! - 1 : 0), what);
      assert.ok(bar.samples <= of.ticks + (beyond.get(name) ?? 1) - 1, what);
      assert.ok(bar.min_price <= of.min && bar.max_price >= of.max, what);
      conflated += of.ticks - of.samples;
    }
  }
  assert.ok(conflated > 0, "Rows were conflated");
}

/** For how many ticks the first row from `time` on stands, by exchange and symbol. */
async function firstAfter(sql: Sql, time: number): Promise<Map<string, number>> {
  const rows = await sql.rows<{ name: string; ticks: number }>(
    `select name, ticks from (select exchange || ' ' || pair_name as name, ticks,
      row_number() over (partition by exchange, pair_name order by received_time) as number
      from quotes where ${sql.ms("received_time")} >= ${time}) q where number = 1`,
  );
  return new Map(rows.map(({ name, ticks }) => [name, Number(ticks)]));
}

/** When the first row of all came, by exchange and symbol. */
async function firstTimes(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql.rows<{ name: string; time: number }>(
    `select exchange || ' ' || pair_name as name, min(${
      sql.ms("received_time")
    }) as time from quotes group by 1`,
  );
  return new Map(rows.map(({ name, time }) => [name, Number(time)]));
}
