/** What one tick costs in the core: table, best, routes, episodes. Against the plain way, on the same ticks. */
import { Row } from "../core/app/channel.ts";
import { QuoteTable } from "../core/screener/quote_table.ts";
import { Screener } from "../core/screener/screener.ts";
import { type MarketShape, rowsOf } from "./core/market.ts";
import { NaiveScreener } from "./core/naive.ts";
import type { Report } from "./harness/report.ts";
import { median } from "./harness/stats.ts";

const MIN_NET_BPS = 5;
const HYSTERESIS_BPS = 2;
const FEE_BPS = 10;
const SYMBOLS = 500;
/** The core takes its events away after so many ticks, as the fan-in does under load. */
const TICKS_PER_TURN = 64;

interface Outcome {
  nanos: number;
  opened: number;
  open: number;
  /** Ticks after which something was to be told. */
  events: number;
}

export function coreTick(options: { rounds: number; ticks: number }): Report {
  const rows: Report["rows"] = [];
  const violations: string[] = [];
  const ratios: number[] = [];
  for (const exchanges of [4, 10]) {
    const shape = { exchanges, symbols: SYMBOLS, ticks: options.ticks, seed: 7 };
    const words = rowsOf(shape);
    const ours: Outcome[] = [];
    const naive: Outcome[] = [];
    for (let round = 0; round < options.rounds; round++) {
      ours.push(runOurs(shape, words));
      naive.push(runNaive(shape, words));
    }
    const [one, other] = [ours[0]!, naive[0]!];
    if (one.opened !== other.opened || one.open !== other.open) {
      violations.push(
        `With ${exchanges} exchanges ${one.opened} opportunities opened and ${one.open} stayed open, ` +
          `the plain way says ${other.opened} and ${other.open}`,
      );
    }
    const [nanos, naiveNanos] = [ours, naive].map((all) => median(all.map((outcome) => outcome.nanos)));
    ratios.push(naiveNanos! / nanos!);
    rows.push({
      exchanges: String(exchanges),
      "ns/tick": nanos!,
      "plain way": naiveNanos!,
      "×": naiveNanos! / nanos!,
      "opened per 1,000 ticks": one.opened / options.ticks * 1000,
      "events per 1,000 ticks": one.events / options.ticks * 1000,
    });
  }
  return {
    title: `2. One tick through the core, ${SYMBOLS} symbols`,
    rows,
    goals: [],
    violations,
    notes: [`Medians of ${options.rounds} rounds over ${options.ticks.toLocaleString("en-US")} ticks`],
  };
}

function runOurs({ exchanges, symbols, ticks }: MarketShape, words: Float64Array): Outcome {
  const table = new QuoteTable(names("exchange", exchanges), names("SYMBOL", symbols));
  const takerFeeBps = Array.from({ length: exchanges }, () => FEE_BPS);
  const settings = { minNetBps: MIN_NET_BPS, hysteresisBps: HYSTERESIS_BPS, takerFeeBps };
  const screener = new Screener(table, settings, "bench");
  let events = 0;
  const before = performance.now();
  for (let n = 0; n < ticks; n++) {
    screener.changed(table.take(words, n * Row.WORDS), n);
    if (n % TICKS_PER_TURN === 0) events += screener.episodes.take().length;
  }
  const nanos = (performance.now() - before) * 1e6 / ticks;
  const { open, opened } = screener.episodes.counts;
  return { nanos, open, opened, events };
}

function runNaive({ exchanges, symbols, ticks }: MarketShape, words: Float64Array): Outcome {
  const exchangeNames = names("exchange", exchanges);
  const symbolNames = names("SYMBOL", symbols);
  const fees = new Map(exchangeNames.map((name) => [name, FEE_BPS]));
  const screener = new NaiveScreener(fees, MIN_NET_BPS, HYSTERESIS_BPS);
  const before = performance.now();
  for (let n = 0; n < ticks; n++) {
    const at = n * Row.WORDS;
    const cell = words[at + Row.cell]!;
    screener.changed(symbolNames[cell % symbols]!, {
      exchange: exchangeNames[Math.trunc(cell / symbols)]!,
      bid: words[at + Row.bid]!,
      bidSize: words[at + Row.bidSize]!,
      ask: words[at + Row.ask]!,
      askSize: words[at + Row.askSize]!,
    });
  }
  const nanos = (performance.now() - before) * 1e6 / ticks;
  return { nanos, open: screener.open, opened: screener.opened, events: 0 };
}

function names(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${word}${at}`);
}
