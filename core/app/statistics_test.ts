import assert from "node:assert/strict";
import { Kept } from "../../tests/core/kept.ts";
import { type Bar, INTERVALS, MINUTE_MS } from "../domain/bar.ts";
import { type BarsQuery, type History, HistoryError } from "../ports/history.ts";
import { Minutes, type MinuteSource } from "../stats/minutes.ts";
import { newSlots, SlotReader, SlotWriter } from "../stats/slots.ts";
import { barsOf, statisticsOf } from "./statistics.ts";

/** An hour before midnight. */
const START = 1_700_002_800_000;
const HOUR = 60 * MINUTE_MS;

/** One exchange `x` with a tick a second. After a restart the slots are new ones. */
function bench(
  { since = START, until, restartedAt = since }: { since?: number; until: number; restartedAt?: number },
) {
  const kept = new Kept();
  const sources: MinuteSource[] = [];
  const run = (from: number, to: number) => {
    const memory = newSlots({ slotMs: 100, firstCell: 0, cells: 1 });
    const writer = new SlotWriter(memory);
    const slots = new SlotReader(memory);
    const of: MinuteSource = {
      mode: "live",
      exchanges: [{ id: "x", firstCell: 0 }],
      symbols: ["A-B"],
      slots,
    };
    sources.splice(0, 1, of);
    const minutes = new Minutes(() => [of], {
      keep: (minutes) => kept.archive.keep({ minutes }),
      checkpoint: kept.archive.checkpoint,
    }, from);
    minutes.recover(kept.open);
    for (let time = from; time < to; time += 1000) {
      writer.tick(0, priceAt(time), 1, 2, time);
      minutes.look(time);
    }
    return minutes;
  };
  if (restartedAt > since) run(since, restartedAt).stop(restartedAt);
  const minutes = run(restartedAt, until);
  const ports = { minutes, history: kept.history, sources: () => sources, since: () => restartedAt };
  const question = { mode: "live", symbol: "A-B", exchanges: ["x"] } as const;
  return { kept, ports, question };
}

const priceAt = (time: number) => 1000 + (time / 1000) % 977;

/** What all ticks of a range say, straight from the definition. */
function oracle(from: number, to: number) {
  const prices = [];
  for (let time = Math.max(START, Math.ceil(from / 1000) * 1000); time < to; time += 1000) {
    prices.push(priceAt(time));
  }
  return {
    samples: prices.length,
    minPrice: prices.reduce((a, b) => Math.min(a, b)),
    maxPrice: prices.reduce((a, b) => Math.max(a, b)),
    average: prices.reduce((sum, price) => sum + price, 0) / prices.length,
  };
}

function same(bar: Bar, expected: ReturnType<typeof oracle>): void {
  assert.deepEqual([bar.samples, bar.minPrice, bar.maxPrice], [
    expected.samples,
    expected.minPrice,
    expected.maxPrice,
  ]);
  assert.ok(Math.abs(bar.averagePrice - expected.average) < 1e-8);
}

Deno.test("periods are answered over exactly the range that the answer names, from memory and from history", async () => {
  const now = START + 3 * HOUR + 17 * MINUTE_MS + 23_456;
  const { ports, question } = bench({ until: now });
  for (const seconds of [1, 3, 5, 10, 30, 60, 180, 300, 301, 600, 3_600, 7_200, 10_800]) {
    const answer = await statisticsOf(question, seconds * 1000, now, ports);
    const late = now - seconds * 1000 - answer.from;
    assert.ok(late >= 0 && late < (seconds <= 300 ? 100 : MINUTE_MS), `${seconds} s begins ${late} ms early`);
    assert.equal(answer.to, now);
    same(answer.exchanges[0]!, oracle(answer.from, now));
    assert.equal(answer.exchanges[0]!.complete, true, `${seconds} s`);
  }
  const whole = await statisticsOf(question, 100 * HOUR, now, ports);
  same(whole.exchanges[0]!, oracle(START, now));
  assert.equal(whole.exchanges[0]!.complete, false, "Nothing is known of what was before");
});

Deno.test("just after a restart a short period reaches back into the history, and the cut minute is one bar", async () => {
  const restartedAt = START + 10 * MINUTE_MS + 20_000;
  const now = restartedAt + 15_000;
  const { ports, question, kept } = bench({ until: now, restartedAt });
  const answer = await statisticsOf(question, 180_000, now, ports);
  assert.equal(answer.from, START + 7 * MINUTE_MS);
  same(answer.exchanges[0]!, oracle(answer.from, now));
  const bars = (await Array.fromAsync(barsOf(question, { interval: "1m", from: START, to: now }, now, ports)))
    .flat();
  assert.deepEqual(
    bars.map((bar) => bar.timestamp),
    Array.from({ length: 11 }, (_, at) => START + at * MINUTE_MS),
  );
  assert.equal(bars.at(-1)!.samples, 35);
  assert.equal(kept.minutes.length, 11);
});

Deno.test("a short period that begins just before the start is what was seen since, not a minute and more", async () => {
  const restartedAt = START + 10 * MINUTE_MS + 20_000;
  const now = restartedAt + 9_000;
  const { ports, question } = bench({ until: now, restartedAt });
  const answer = await statisticsOf(question, 10_000, now, ports);
  assert.equal(answer.from, restartedAt);
  same(answer.exchanges[0]!, oracle(restartedAt, now));
});

Deno.test("a short period does without a history that is gone, a long one does not", async () => {
  const restartedAt = START + 10 * MINUTE_MS + 20_000;
  const now = restartedAt + 100_000;
  const { ports, question } = bench({ until: now, restartedAt });
  const gone = new HistoryError("unreachable", "Connection refused");
  const history: History = {
    ...ports.history,
    // deno-lint-ignore require-yield
    bars: async function* () {
      throw await Promise.resolve(gone);
    },
  };
  const answer = await statisticsOf(question, 300_000, now, { ...ports, history });
  assert.equal(answer.from, restartedAt);
  same(answer.exchanges[0]!, oracle(restartedAt, now));
  await assert.rejects(statisticsOf(question, 301_000, now, { ...ports, history }), gone);
});

Deno.test("bars of any length have no seam where memory begins", async () => {
  const now = START + 2 * HOUR + 33 * MINUTE_MS + 12_000;
  const { ports, question, kept } = bench({ until: now });
  for (const [interval, length] of [["1m", MINUTE_MS], ["5m", 5 * MINUTE_MS], ["1h", HOUR]] as const) {
    const pages = barsOf(question, { interval, from: START, to: now }, now, ports);
    const bars = (await Array.fromAsync(pages)).flat();
    assert.equal(bars.length, Math.ceil((now - START) / length));
    for (const bar of bars) same(bar, oracle(bar.timestamp, Math.min(now, bar.timestamp + length)));
    assert.deepEqual(bars.map((bar) => bar.complete), bars.map((_, at) => at < bars.length - 1));
  }
  assert.ok(kept.minutes.length > 150);
});

Deno.test("a long period asks the history for days and hours, and for minutes at its ends only", async () => {
  const now = START + 51 * HOUR + 17 * MINUTE_MS;
  const { ports, question } = bench({ until: now });
  const asked: BarsQuery[] = [];
  const history: History = {
    ...ports.history,
    bars: (query) => {
      asked.push(query);
      return ports.history.bars(query);
    },
  };
  const from = START + 90_000;
  const answer = await statisticsOf(question, now - from, now, { ...ports, history });
  same(answer.exchanges[0]!, oracle(answer.from, now));
  assert.deepEqual(asked.map(({ interval, from, to }) => [interval, (to - from) / INTERVALS[interval]]), [
    ["1m", 59],
    ["1d", 2],
    ["1h", 2],
    ["1m", 6],
  ]);
});

Deno.test("a range takes bars that begin in it, and an exchange without a price is left out", async () => {
  const now = START + 30 * MINUTE_MS;
  const { ports, question } = bench({ until: now });
  const range = { interval: "5m", from: START + 1, to: START + 20 * MINUTE_MS } as const;
  const bars = (await Array.fromAsync(barsOf(question, range, now, ports))).flat();
  assert.deepEqual(bars.map((bar) => (bar.timestamp - START) / MINUTE_MS), [5, 10, 15]);
  const other = await statisticsOf({ ...question, exchanges: ["y"] }, 60_000, now, ports);
  assert.deepEqual(other.exchanges, []);
});
