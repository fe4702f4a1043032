/** The columns of bars and episodes, named alike in both databases, and how the fields of the domain stand in them. */
import type { Bar } from "../../core/domain/bar.ts";
import { type Episode, type EpisodeMoment, feesOf } from "../../core/domain/episode.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { floorTo, toMicrosecond } from "./time.ts";

export type Value = string | number | null;

/** `time`: ms since the epoch, which PostgreSQL keeps in a type of its own. `flag` is 1 or 0. */
export type Kind = "text" | "number" | "time" | "flag";

export const BAR_COLUMNS = {
  mode: "text",
  exchange: "text",
  pair_name: "text",
  timestamp: "time",
  average_price: "number",
  time_weighted_price: "number",
  min_price: "number",
  max_price: "number",
  min_time: "time",
  max_time: "time",
  first_price: "number",
  last_price: "number",
  samples: "number",
  best_bid: "number",
  best_ask: "number",
  fresh_ms: "number",
  complete: "flag",
} as const satisfies Record<string, Kind>;
export const BAR_KEY = ["mode", "pair_name", "exchange", "timestamp"] as const;

/** A row as it comes from the database: times in ms. */
export type BarRow = Record<keyof typeof BAR_COLUMNS, Value>;

/** Values in the order of `BAR_COLUMNS`. */
export function barValues(bar: Bar): Value[] {
  return [
    bar.mode,
    plain(bar.exchange),
    plain(bar.symbol),
    bar.timestamp,
    bar.averagePrice,
    bar.timeWeightedPrice,
    bar.minPrice,
    bar.maxPrice,
    toMicrosecond(bar.minTime),
    toMicrosecond(bar.maxTime),
    bar.firstPrice,
    bar.lastPrice,
    bar.samples,
    bar.bestBid,
    bar.bestAsk,
    bar.freshMs,
    bar.complete ? 1 : 0,
  ];
}

export function toBar(row: BarRow): Bar {
  return {
    mode: row.mode as Mode,
    exchange: row.exchange as string,
    symbol: row.pair_name as string,
    timestamp: row.timestamp as number,
    averagePrice: row.average_price as number,
    timeWeightedPrice: row.time_weighted_price as number,
    minPrice: row.min_price as number,
    maxPrice: row.max_price as number,
    minTime: row.min_time as number,
    maxTime: row.max_time as number,
    firstPrice: row.first_price as number,
    lastPrice: row.last_price as number,
    samples: row.samples as number,
    bestBid: row.best_bid as number | null,
    bestAsk: row.best_ask as number | null,
    freshMs: row.fresh_ms as number,
    complete: row.complete === 1,
  };
}

/** All but the fees, which are what is left of the others. */
const MOMENT_COLUMNS = {
  buy_price: "buyPrice",
  sell_price: "sellPrice",
  size_base: "sizeBase",
  notional_quote: "notionalQuote",
  gross_bps: "grossBps",
  net_bps: "netBps",
  impact_quote: "impactQuote",
  gas_quote: "gasQuote",
  profit_quote: "profitQuote",
} as const satisfies Record<string, keyof EpisodeMoment>;
/** The moments of an episode, and the columns of their times. */
const MOMENTS = { start: "opened_at", peak: "peak_at", end: "closed_at" } as const;
const EACH_MOMENT = Object.entries(MOMENTS) as ["start" | "peak" | "end", string][];
const EACH_FIGURE = Object.entries(MOMENT_COLUMNS);

export const EPISODE_COLUMNS: Readonly<Record<string, Kind>> = {
  id: "text",
  mode: "text",
  pair_name: "text",
  buy_exchange: "text",
  sell_exchange: "text",
  buy_fee_bps: "number",
  sell_fee_bps: "number",
  reason: "text",
  ...Object.fromEntries(
    EACH_MOMENT.flatMap(([moment, time]) => [
      [time, "time"],
      ...EACH_FIGURE.map(([column]) => [`${moment}_${column}`, "number"]),
    ]),
  ),
};
export type EpisodeRow = Record<string, Value>;

/** Values in the order of `EPISODE_COLUMNS`. */
export function episodeValues(episode: Episode): Value[] {
  return [
    plain(episode.id),
    episode.mode,
    plain(episode.symbol),
    plain(episode.buyExchange),
    plain(episode.sellExchange),
    episode.buyFeeBps,
    episode.sellFeeBps,
    episode.reason,
    ...EACH_MOMENT.flatMap(([moment]) => [
      toMicrosecond(episode[moment].time),
      ...EACH_FIGURE.map(([, field]) => episode[moment][field]),
    ]),
  ];
}

/** Each moment with the columns of its fields. */
const COLUMNS_OF = Object.fromEntries(
  EACH_MOMENT.map(([moment, time]) => [
    moment,
    {
      time,
      ...Object.fromEntries(EACH_FIGURE.map(([column, field]) => [field, `${moment}_${column}`])),
    },
  ]),
) as Record<keyof typeof MOMENTS, MomentColumns>;
type MomentColumns = Record<Exclude<keyof EpisodeMoment, "feesQuote">, string>;

export function toEpisode(row: EpisodeRow): Episode {
  return {
    id: row.id as string,
    mode: row.mode as Mode,
    symbol: row.pair_name as string,
    buyExchange: row.buy_exchange as string,
    sellExchange: row.sell_exchange as string,
    buyFeeBps: row.buy_fee_bps as number,
    sellFeeBps: row.sell_fee_bps as number,
    start: toMoment(row, COLUMNS_OF.start),
    peak: toMoment(row, COLUMNS_OF.peak),
    end: toMoment(row, COLUMNS_OF.end),
    reason: row.reason as CloseReason,
  };
}

/** Written out field by field: a loop takes several times as long, and PostgreSQL's rows pass here on the core's thread. */
function toMoment(row: EpisodeRow, columns: MomentColumns): EpisodeMoment {
  const moment = {
    time: row[columns.time] as number,
    buyPrice: row[columns.buyPrice] as number,
    sellPrice: row[columns.sellPrice] as number,
    sizeBase: row[columns.sizeBase] as number,
    notionalQuote: row[columns.notionalQuote] as number,
    grossBps: row[columns.grossBps] as number,
    netBps: row[columns.netBps] as number,
    feesQuote: 0,
    impactQuote: row[columns.impactQuote] as number,
    gasQuote: row[columns.gasQuote] as number,
    profitQuote: row[columns.profitQuote] as number,
  };
  moment.feesQuote = feesOf(moment);
  return moment;
}

/** Text that both databases take: PostgreSQL refuses the character NUL, and with it the whole batch. */
export function plain(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

/** The later of two records with the same key stays, in the order of the keys. */
export function latestOfEach<T>(records: readonly T[], key: (record: T) => string): T[] {
  return byKey(records, key, () => true);
}

/** One record of each key, in the order of the keys; `replaces` says whether the next one takes the place of that before. */
export function byKey<T>(
  records: readonly T[],
  key: (record: T) => string,
  replaces: (next: T, before: T) => boolean,
): T[] {
  const found = new Map<string, T>();
  for (const record of records) {
    const of = key(record);
    const before = found.get(of);
    if (before === undefined || replaces(record, before)) found.set(of, record);
  }
  const keys = [...found.keys()].sort();
  return keys.map((one) => found.get(one)!);
}

/** What tells a bar from others, the timestamp aside. No name has a NUL, see `plain`. */
export function seriesOf({ mode, symbol, exchange }: Pick<Bar, "mode" | "symbol" | "exchange">): string {
  return `${mode}\0${plain(symbol)}\0${plain(exchange)}`;
}

/** The intervals of `lengthMs` that the bars lie in, each once, in the order of the key. */
export function intervalsOf(
  bars: readonly Bar[],
  lengthMs: number,
): { mode: Mode; symbol: string; exchange: string; begin: number }[] {
  const intervals = bars.map((bar) => ({
    mode: bar.mode,
    symbol: plain(bar.symbol),
    exchange: plain(bar.exchange),
    begin: floorTo(lengthMs, bar.timestamp),
  }));
  return latestOfEach(intervals, (one) => `${seriesOf(one)}\0${one.begin}`);
}

/** A query with the names as they are kept. */
export function named<T extends { symbol: string; exchange?: string }>(query: T): T {
  const { exchange } = query;
  return {
    ...query,
    symbol: plain(query.symbol),
    ...(exchange !== undefined && { exchange: plain(exchange) }),
  };
}
