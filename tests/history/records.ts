/** Bars, episodes and raw ticks to keep, out of a seeded generator. */
import { Row } from "../../core/app/channel.ts";
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import { type Episode, type EpisodeMoment, feesOf } from "../../core/domain/episode.ts";
import type { QuoteRows } from "../../core/ports/history.ts";

/** 2026-07-01 00:00 UTC, a whole day. */
export const DAY0 = Date.UTC(2026, 6, 1);

/** What both databases keep of a time. */
const microseconds = (ms: number) => Math.round(ms * 1000) / 1000;

/** A minute as a worker may close it: with ticks or without, whole or cut, with both sides or one. */
export function minute(
  random: () => number,
  of: { exchange?: string; symbol?: string; timestamp: number; mode?: Bar["mode"] },
): Bar {
  const low = 100 * (1 + random());
  const high = low * (1 + random() / 100);
  const between = () => low + (high - low) * random();
  const ticks = random() < 0.7 ? Math.ceil(random() * 500) : 0;
  const whole = random() < 0.6;
  const stood = between();
  const at = () => microseconds(of.timestamp + random() * MINUTE_MS);
  return {
    mode: of.mode ?? "live",
    exchange: of.exchange ?? "kraken",
    symbol: of.symbol ?? "BTC-USDT",
    timestamp: of.timestamp,
    averagePrice: ticks > 0 ? between() : stood,
    timeWeightedPrice: ticks > 0 ? between() : stood,
    minPrice: ticks > 0 ? low : stood,
    maxPrice: ticks > 0 ? high : stood,
    minTime: ticks > 0 ? at() : of.timestamp,
    maxTime: ticks > 0 ? at() : of.timestamp,
    firstPrice: ticks > 0 ? between() : stood,
    lastPrice: ticks > 0 ? between() : stood,
    samples: ticks,
    bestBid: random() < 0.9 ? low : null,
    bestAsk: random() < 0.9 ? high : null,
    freshMs: whole ? MINUTE_MS : 1 + random() * 59_000,
    complete: whole,
  };
}

export function episode(random: () => number, id: string, of: Partial<Episode> = {}): Episode {
  const moment = (time: number): EpisodeMoment => {
    const figures = {
      time: microseconds(time),
      buyPrice: 100 * random(),
      sellPrice: 100 * random(),
      sizeBase: random(),
      notionalQuote: 1000 * random(),
      grossBps: 50 * random(),
      netBps: 30 * random() - 5,
      impactQuote: random() < 0.5 ? 0 : random(),
      gasQuote: random() < 0.5 ? 0 : random(),
      profitQuote: random(),
    };
    return { ...figures, feesQuote: feesOf(figures) };
  };
  const closed = of.end?.time ?? DAY0 + Math.floor(random() * 86_400_000);
  return {
    id,
    mode: "live",
    symbol: "BTC-USDT",
    buyExchange: "kraken",
    sellExchange: "bybit",
    buyFeeBps: 26,
    sellFeeBps: 10,
    start: moment(closed - 5_000.125),
    peak: moment(closed - 2_000),
    end: moment(closed),
    reason: "below_threshold",
    ...of,
  };
}

/** `count` raw ticks of random pairs from `from` on, one a millisecond, in every state and with every kind of gap. */
export function quotes(
  random: () => number,
  count: number,
  of: { from: number; exchanges?: string[]; symbols?: string[] },
): QuoteRows {
  const exchanges = of.exchanges ?? ["kraken", "bybit"];
  const symbols = of.symbols ?? ["BTC-USDT", "ETH-USDT"];
  const rows = new Float64Array(count * Row.WORDS);
  const orNone = (value: number) => random() < 0.1 ? NaN : value;
  for (let n = 0; n < count; n++) {
    const at = n * Row.WORDS;
    const received = of.from + n + 0.125;
    rows[at + Row.cell] = Math.floor(random() * exchanges.length * symbols.length);
    rows[at + Row.state] = Math.floor(random() * 3);
    rows[at + Row.bid] = orNone(100 * random());
    rows[at + Row.bidSize] = orNone(random());
    rows[at + Row.ask] = orNone(100 * random());
    rows[at + Row.askSize] = orNone(random());
    rows[at + Row.price] = orNone(100 * random());
    rows[at + Row.exchangeTime] = orNone(received - 3.5);
    rows[at + Row.receivedTime] = received;
    rows[at + Row.ticks] = 1 + Math.floor(random() * 9);
  }
  return { mode: "live", exchanges, symbols, rows };
}
