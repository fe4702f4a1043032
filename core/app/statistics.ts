/**
 * Answers what prices did: the last minutes from memory, what is older from the history, joined where the minutes that
 * are held in memory begin. No minute is counted on both sides.
 */
import { type Bar, INTERVALS, MINUTE_MS, type StoredInterval } from "../domain/bar.ts";
import type { Mode } from "../domain/mode.ts";
import { type BarsQuery, HistoryError, type HistoryReader } from "../ports/history.ts";
import { combine } from "../stats/aggregate.ts";
import { minuteOf, type Minutes, type MinuteSource } from "../stats/minutes.ts";
import type { BarInterval, PriceStatistics } from "./market.ts";

/** Up to here periods are answered from memory, slot by slot. */
const MEMORY_MS = 300_000;

const LENGTH_MS: Readonly<Record<BarInterval, number>> = { ...INTERVALS, "5m": 5 * MINUTE_MS };

const LONGEST_FIRST: readonly StoredInterval[] = ["1d", "1h", "1m"];

/** What is asked for, of the exchanges of the present mode. */
interface Question {
  mode: Mode;
  symbol: string;
  exchanges: readonly string[];
}

export interface StatisticsPorts {
  minutes: Minutes;
  history: HistoryReader;
  /** The sources of the present mode, and since when they run. */
  sources(): readonly MinuteSource[];
  since(): number;
}

/** Prices of `question` over `[now - periodMs, now)`, see `PriceStatistics`. Throws `HistoryError`. */
export async function statisticsOf(
  question: Question,
  periodMs: number,
  now: number,
  ports: StatisticsPorts,
): Promise<PriceStatistics> {
  const { mode, symbol, exchanges } = question;
  const answer = (from: number, bars: ReadonlyMap<string, Bar | undefined>) => ({
    mode,
    symbol,
    from,
    to: now,
    exchanges: exchanges.flatMap((id) => bars.get(id) ?? []),
  });
  const ofSlots = () => {
    const from = slotOf(Math.max(now - periodMs, ports.since()), ports.sources());
    return answer(from, slotBars(question, from, now, ports));
  };
  if (periodMs <= MEMORY_MS && isInMemory(now - periodMs, ports.since())) return ofSlots();
  const from = minuteOf(now - periodMs);
  try {
    return answer(from, await minuteBars(question, from, now, ports));
  } catch (error) {
    // What was before the start is left out then, as `from` says. With a longer period that would be too much.
    if (error instanceof HistoryError && periodMs <= MEMORY_MS) return ofSlots();
    throw error;
  }
}

/** True where nothing before `since` that lies in the period is a whole minute, which the history could have. */
function isInMemory(from: number, since: number): boolean {
  return minuteOf(from + MINUTE_MS - 1) >= minuteOf(since);
}

function slotOf(time: number, sources: readonly MinuteSource[]): number {
  const slotMs = sources[0]?.slots.slotMs ?? 1;
  return Math.floor(time / slotMs) * slotMs;
}

function slotBars({ mode, symbol, exchanges }: Question, from: number, now: number, ports: StatisticsPorts) {
  const bars = new Map<string, Bar | undefined>();
  const saw = ports.minutes.saw(from, now);
  for (const { slots, symbols, exchanges: own } of ports.sources()) {
    const to = Math.ceil(now / slots.slotMs) * slots.slotMs;
    for (const { id: exchange, firstCell } of own) {
      if (!exchanges.includes(exchange)) continue;
      const aggregate = slots.read(firstCell + symbols.indexOf(symbol), from, to, now);
      const bar = aggregate.toBar({ mode, exchange, symbol, timestamp: from }, now - from);
      bars.set(exchange, bar && { ...bar, complete: bar.complete && saw });
    }
  }
  return bars;
}

async function minuteBars(
  question: Question,
  from: number,
  now: number,
  { minutes, history }: StatisticsPorts,
) {
  const { mode, symbol, exchanges } = question;
  const held = minutes.bars({ ...question, from }, now);
  const to = minutes.heldFrom;
  const only = exchanges.length === 1 ? { exchange: exchanges[0]! } : {};
  const older: Bar[] = [];
  for (const range of rangesOf(from, to)) {
    for await (const page of history.bars({ mode, symbol, ...only, ...range })) older.push(...page);
  }
  const byExchange = Map.groupBy([...older, ...held], (bar) => bar.exchange);
  return new Map(
    [...byExchange].map(([exchange, bars]) => [exchange, combine(bars, from, now - from)] as const),
  );
}

/** A range of whole minutes as ranges of the longest bars that fit into it, in the order of time. */
function rangesOf(
  from: number,
  to: number,
  intervals = LONGEST_FIRST,
): Pick<BarsQuery, "interval" | "from" | "to">[] {
  if (from >= to) return [];
  const [interval = "1m", ...shorter] = intervals;
  if (shorter.length === 0) return [{ interval, from, to }];
  const length = INTERVALS[interval];
  const begin = Math.ceil(from / length) * length;
  const end = Math.floor(to / length) * length;
  if (begin >= end) return rangesOf(from, to, shorter);
  return [
    ...rangesOf(from, begin, shorter),
    { interval, from: begin, to: end },
    ...rangesOf(end, to, shorter),
  ];
}

/** Bars from the history, then those that are held in memory; longer ones than a minute are put together at the seam. */
export async function* barsOf(
  { mode, symbol, exchanges }: Question,
  { interval, from, to }: Omit<BarsQuery, "mode" | "symbol" | "exchange" | "interval"> & {
    interval: BarInterval;
  },
  now: number,
  { minutes, history }: StatisticsPorts,
): AsyncIterable<Bar[]> {
  const length = LENGTH_MS[interval];
  const begin = Math.floor(from / length) * length;
  const stored: StoredInterval = interval === "5m" ? "1m" : interval;
  // The first bar that is made of minutes that are in memory, all or some. What is in memory is taken now: by the time
  // the pages before it were read, some of it would be in the history alone.
  const { heldFrom } = minutes;
  const seam = Math.max(begin, Math.floor(heldFrom / length) * length);
  const held = minutes.bars({ mode, symbol, exchanges, from: seam }, now);
  const only = exchanges.length === 1 ? { exchange: exchanges[0]! } : {};
  const query = { mode, symbol, ...only };
  const place = (bar: Bar) => exchanges.indexOf(bar.exchange);
  const merged = function* (bars: readonly Bar[]) {
    const groups = Map.groupBy(bars, (bar) => `${Math.floor(bar.timestamp / length)} ${bar.exchange}`);
    const page = [...groups.values()].flatMap((parts) =>
      combine(parts, Math.floor(parts[0]!.timestamp / length) * length, length) ?? []
    ).filter((bar) => bar.timestamp >= from && bar.timestamp < to)
      .sort((a, b) => a.timestamp - b.timestamp || place(a) - place(b));
    if (page.length > 0) yield page;
  };

  if (begin < Math.min(seam, to)) {
    const range = { ...query, interval: stored, from: begin, to: Math.min(seam, to) };
    if (stored === interval) yield* history.bars({ ...range, from });
    else for await (const page of whole(history.bars(range), length)) yield* merged(page);
  }
  if (seam >= to) return;
  const rest: Bar[] = [];
  for (const range of rangesOf(seam, heldFrom)) {
    for await (const page of history.bars({ ...query, ...range })) rest.push(...page);
  }
  yield* merged([...rest, ...held]);
}

/** The same bars in pages that do not end within a bar of `length`. */
async function* whole(pages: AsyncIterable<Bar[]>, length: number): AsyncIterable<Bar[]> {
  const waiting: Bar[] = [];
  for await (const page of pages) {
    waiting.push(...page);
    const last = Math.floor(waiting.at(-1)!.timestamp / length);
    const done = waiting.findIndex((bar) => Math.floor(bar.timestamp / length) === last);
    if (done > 0) yield waiting.splice(0, done);
  }
  if (waiting.length > 0) yield waiting;
}
