/** Holds answers about prices, and the bars that were kept, against what SQL makes of the raw ticks. */
import assert from "node:assert/strict";
import type { StatisticJson } from "../../../core/app/wire.ts";
import { type Expected, timeOf, windowOf } from "./oracle.ts";
import type { BarRow, Sql } from "./sql.ts";

const STATISTICS = ["highest", "lowest", "average"] as const;
const FIGURES = { highest: "max", lowest: "min", average: "average" } as const;
/** How far, relatively, two sums of the same numbers in another order may be apart. */
const TOLERANCE = 1e-9;
/** A tick may have been stamped this long before it was written, and so before an answer that misses it. */
const UNDER_WAY_MS = 1_000;
/** An answer says its end in whole milliseconds. */
const ROUNDED_MS = 0.5;

/** Every statistic of each period, of each exchange and of all together, as the program answers now. */
export async function ask(
  url: string,
  symbol: string,
  periods: readonly string[],
  exchanges: readonly string[],
): Promise<StatisticJson[]> {
  const answers: StatisticJson[] = [];
  for (const period of periods) {
    for (const statistic of STATISTICS) {
      for (const path of [symbol, ...exchanges.map((exchange) => `${exchange}/${symbol}`)]) {
        const response = await fetch(`${url}/prices/${statistic}/${path}?period=${period}`);
        const body = await response.json();
        assert.equal(response.status, 200, JSON.stringify(body));
        answers.push(body);
      }
    }
  }
  return answers;
}

/** `standing`: quotes stood until the answer, so that what is weighted with time can be known, too. */
export async function checkAnswer(sql: Sql, answer: StatisticJson, standing = true): Promise<void> {
  const { symbol, statistic, from } = answer;
  const what = (on: string) => `${statistic} of ${symbol} ${on || "everywhere"}: ${JSON.stringify(answer)}`;
  assert.ok(answer.exchanges.length > 0, what(""));
  const samples = new Map(answer.exchanges.map((one) => [one.exchange, one.samples]));
  const weighted = statistic === "average" && standing;
  const until = (to: number) => windowOf(sql, { symbol, samples, from, to }, weighted);
  const early = await until(answer.to - ROUNDED_MS);
  const possible = [early];
  if (weighted) {
    // What is weighted with time goes up or down with the end, and turns only where that passes a last tick, since a tick
    // that came while the question was being answered counts whole.
    const turns = [...early.values()].map(({ lastTime }) => lastTime)
      .filter((time) => Math.abs(time - answer.to) < ROUNDED_MS);
    for (const to of new Set([...turns, answer.to + ROUNDED_MS])) possible.push(await until(to));
  }
  const alone = answer.exchanges.length === 1 ? [] : [{ ...answer, exchange: "" }];
  for (const one of [...answer.exchanges, ...alone]) {
    const of = early.get(one.exchange);
    assert.equal(of?.samples ?? 0, one.samples, `All ticks of the answer are kept: ${what(one.exchange)}`);
    if (of !== undefined && one.samples > 0) {
      close(one.price!, of[FIGURES[statistic]], what(one.exchange));
      if (statistic !== "average") {
        const time = statistic === "highest" ? of.maxTime : of.minTime;
        assert.ok(Math.abs(one.timestamp! - time) <= 1, what(one.exchange));
      }
    }
    if (weighted) {
      between(
        one.timeWeightedPrice!,
        possible.map((all) => all.get(one.exchange)!),
        what(one.exchange),
      );
    }
  }
  await checkReach(sql, answer);
}

/** The answer has all ticks that came before it, and none from after it. */
async function checkReach(sql: Sql, { symbol, from, to, exchanges }: StatisticJson): Promise<void> {
  const time = sql.ms("received_time");
  const rows = await sql.rows<{ exchange: string; least: number; most: number }>(
    `select exchange, sum(case when ${time} < ${to - UNDER_WAY_MS} then 1 else 0 end) as least,
      sum(case when ${time} < ${to + UNDER_WAY_MS} then 1 else 0 end) as most
    from quotes where pair_name = '${symbol}' and state = 'fresh' and ${time} >= ${from} group by exchange`,
  );
  const reach = new Map(rows.map((row) => [row.exchange, row]));
  for (const { exchange, samples } of exchanges) {
    const { least, most } = reach.get(exchange) ?? { least: 0, most: 0 };
    const what = `${symbol} ${exchange}: ${least} ≤ ${samples} ≤ ${most}`;
    assert.ok(Number(least) <= samples && samples <= Number(most), what);
  }
}

/** Closed minutes, or any bars of `lengthMs`, against the raw ticks of that time. */
export async function checkBars(sql: Sql, bars: readonly BarRow[], lengthMs: number): Promise<void> {
  for (const [timestamp, rows] of Map.groupBy(bars, (bar) => bar.timestamp)) {
    const expected = await timeOf(sql, timestamp, timestamp + lengthMs);
    for (const bar of rows) {
      const of = expected.get(`${bar.exchange} ${bar.pair_name}`);
      const what = JSON.stringify({ bar, of });
      assert.ok(of, what);
      checkBar(bar, of, lengthMs, what);
    }
    assert.equal(rows.length, expected.size - 1, `${timestamp} has a bar for whatever had a price`);
  }
}

function checkBar(bar: BarRow, of: Expected, lengthMs: number, what: string): void {
  assert.equal(bar.samples, of.samples, what);
  assert.equal(bar.min_price, of.min, what);
  assert.equal(bar.max_price, of.max, what);
  assert.equal(bar.first_price, of.first, what);
  assert.equal(bar.last_price, of.last, what);
  close(bar.average_price, of.average, what);
  between(bar.time_weighted_price, [of], what);
  // Ticks are kept to the microsecond.
  assert.ok(Math.abs(bar.fresh_ms - of.freshMs) < 0.01, what);
  assert.equal(bar.complete, of.carried && bar.fresh_ms > lengthMs - 0.01, what);
}

function close(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= TOLERANCE * expected, `${actual} is not ${expected}: ${what}`);
}

function between(actual: number, possible: readonly Expected[], what: string): void {
  const low = Math.min(...possible.map((of) => of.timeWeighted - of.timeSlack));
  const high = Math.max(...possible.map((of) => of.timeWeighted + of.timeSlack));
  assert.ok(
    low * (1 - TOLERANCE) <= actual && actual <= high * (1 + TOLERANCE),
    `${low} ≤ ${actual} ≤ ${high}: ${what}`,
  );
}
