/**
 * One figure of what a price did on several exchanges. The rule of `Bar` goes on here: only exchanges with samples
 * count, unless none has any; then the prices that stood count.
 */
import type { Bar } from "../domain/bar.ts";

export const STATISTICS = ["highest", "lowest", "average"] as const;
export type StatisticName = typeof STATISTICS[number];

/** A figure and where it comes from; all null where there is no price at all. */
export interface Figure {
  price: number | null;
  timeWeightedPrice: number | null;
  /** Null where it is an average over several exchanges. */
  exchange: string | null;
  /** When the highest or lowest price was first seen, ms since the epoch; null for an average. */
  timestamp: number | null;
}

const NOTHING: Figure = { price: null, timeWeightedPrice: null, exchange: null, timestamp: null };

/** The figure over all of these bars, each of another exchange and all of the same period. */
export function figureOf(statistic: StatisticName, bars: readonly Bar[]): Figure {
  const sampled = bars.filter((bar) => bar.samples > 0);
  const counted = sampled.length > 0 ? sampled : bars;
  const figures = counted.map((bar) => figureOfOne(statistic, bar));
  if (statistic !== "average") {
    return figures.toSorted((a, b) => before(statistic, a, b))[0] ?? NOTHING;
  }
  if (figures.length <= 1) {
    return { ...(figures[0] ?? NOTHING), timeWeightedPrice: timeWeighted(bars) };
  }
  const weight = sampled.length > 0 ? (bar: Bar) => bar.samples : (bar: Bar) => bar.freshMs;
  return {
    price: mean(counted, (bar) => bar.averagePrice, weight),
    timeWeightedPrice: timeWeighted(bars),
    exchange: null,
    timestamp: null,
  };
}

/** The figure of one exchange. */
export function figureOfOne(statistic: StatisticName, bar: Bar): Figure {
  const { exchange, timeWeightedPrice } = bar;
  switch (statistic) {
    case "highest":
      return { price: bar.maxPrice, timeWeightedPrice, exchange, timestamp: bar.maxTime };
    case "lowest":
      return { price: bar.minPrice, timeWeightedPrice, exchange, timestamp: bar.minTime };
    case "average":
      return { price: bar.averagePrice, timeWeightedPrice, exchange, timestamp: null };
  }
}

/** The further price first, of equal ones the earlier, of those the one of the exchange that is named first. */
function before(statistic: "highest" | "lowest", a: Figure, b: Figure): number {
  const further = statistic === "highest" ? b.price! - a.price! : a.price! - b.price!;
  return further || a.timestamp! - b.timestamp!;
}

/** Prices that stood count by the time they stood, those of exchanges without a tick too. */
function timeWeighted(bars: readonly Bar[]): number | null {
  return mean(bars, (bar) => bar.timeWeightedPrice, (bar) => bar.freshMs);
}

/** Each the same where none weighs anything; null of nothing. */
function mean(
  bars: readonly Bar[],
  price: (bar: Bar) => number,
  weight: (bar: Bar) => number,
): number | null {
  const total = bars.reduce((sum, bar) => sum + weight(bar), 0);
  if (total > 0) return bars.reduce((sum, bar) => sum + price(bar) * weight(bar), 0) / total;
  return bars.length > 0 ? bars.reduce((sum, bar) => sum + price(bar), 0) / bars.length : null;
}
