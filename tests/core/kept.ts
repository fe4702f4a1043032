/** What a program in a test keeps: in memory, to be looked at. */
import { type Bar, INTERVALS } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Quote } from "../../core/domain/quote.ts";
import type { Archive, ArchiveStatus } from "../../core/ports/archive.ts";
import type { CacheStatus, PriceCache } from "../../core/ports/cache.ts";
import type { BarsQuery, EpisodesQuery, History, QuoteRows } from "../../core/ports/history.ts";
import { combine } from "../../core/stats/aggregate.ts";

export class Kept {
  minutes: Bar[] = [];
  episodes: Episode[] = [];
  open: readonly Bar[] = [];
  rows: QuoteRows[] = [];
  readonly latest = new Map<string, Quote>();

  readonly archive: Archive = {
    keep: ({ minutes = [], episodes = [] }) => {
      const keys = new Set(minutes.map(key));
      this.minutes = [...this.minutes.filter((bar) => !keys.has(key(bar))), ...minutes];
      this.episodes.push(...episodes);
    },
    checkpoint: (minutes) => void (this.open = minutes),
    quotes: (rows) => void this.rows.push(rows),
    status: () => structuredClone(this.status),
    stop: () => Promise.resolve(),
  };

  readonly status: ArchiveStatus = {
    outbox: { state: "ok", records: 0, pending: 0, lagMs: null, dropped: 0, rejected: 0, error: null },
    history: {
      kind: "sqlite",
      url: "sqlite:test",
      state: "ok",
      records: 0,
      quotes: 0,
      quotesDropped: 0,
      cleanedAt: null,
      error: null,
    },
  };

  /** What was kept; hours and days are made of the minutes. */
  readonly history: History = {
    migrate: () => Promise.resolve(),
    write: () => Promise.resolve(),
    writeQuotes: () => Promise.resolve(),
    bars: (query) => pages(this.#bars(query)),
    episodes: (query) =>
      pages(this.episodes.filter((one) => fits(one, query)).toReversed().slice(0, query.limit)),
    removeOld: () => Promise.resolve({ minutes: 0, quotes: 0, episodes: 0 }),
    close: () => Promise.resolve(),
  };

  readonly cacheStatus: CacheStatus = {
    kind: "memory",
    url: "memory:",
    state: "ok",
    pending: 0,
    lagMs: null,
    written: 0,
    conflated: 0,
    error: null,
  };

  readonly cache: PriceCache = {
    put: (mode, quotes) => {
      for (const quote of quotes) this.latest.set(`${mode} ${quote.exchange} ${quote.symbol}`, quote);
    },
    remove: (mode, pairs) => {
      for (const { exchange, symbol } of pairs) this.latest.delete(`${mode} ${exchange} ${symbol}`);
    },
    latest: (mode, exchange, symbol) => Promise.resolve(this.latest.get(`${mode} ${exchange} ${symbol}`)),
    recent: (mode, exchange, symbol, since) => {
      const quote = this.latest.get(`${mode} ${exchange} ${symbol}`);
      return Promise.resolve(quote !== undefined && quote.receivedTime >= since ? [quote] : []);
    },
    status: () => ({ ...this.cacheStatus }),
    close: () => Promise.resolve(),
  };

  #bars({ mode, symbol, exchange, interval, from, to }: BarsQuery): Bar[] {
    const length = INTERVALS[interval];
    const begin = (bar: Bar) => Math.floor(bar.timestamp / length) * length;
    const wanted = this.minutes.filter((bar) =>
      bar.mode === mode && bar.symbol === symbol && (exchange ?? bar.exchange) === bar.exchange &&
      begin(bar) >= from && begin(bar) < to
    );
    return [...Map.groupBy(wanted, (bar) => `${begin(bar)} ${bar.exchange}`).values()]
      .map((bars) => combine(bars, begin(bars[0]!), length)!)
      .sort((a, b) => a.timestamp - b.timestamp || (a.exchange < b.exchange ? -1 : 1));
  }
}

function key(bar: Bar): string {
  return `${bar.mode} ${bar.exchange} ${bar.symbol} ${bar.timestamp}`;
}

function fits(one: Episode, query: EpisodesQuery): boolean {
  return one.mode === query.mode && (query.symbol ?? one.symbol) === one.symbol &&
    (query.reason ?? one.reason) === one.reason;
}

async function* pages<T>(all: T[]): AsyncIterable<T[]> {
  if (all.length > 0) yield await Promise.resolve(all);
}
