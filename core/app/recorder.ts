/**
 * Hands on what the core learns: finished episodes and minutes to the archive, changed quotes to the cache, and raw
 * ticks to the archive where they are asked for. Nothing here waits; each port holds what it takes within its own bound.
 */
import type { Episode, EpisodeMoment } from "../domain/episode.ts";
import type { Mode } from "../domain/mode.ts";
import type { FinishedOpportunity, Opportunity } from "../domain/opportunity.ts";
import type { Archive } from "../ports/archive.ts";
import type { PriceCache } from "../ports/cache.ts";
import type { Clock } from "../ports/clock.ts";
import { Asker, type QuoteTable } from "../screener/quote_table.ts";
import type { Minutes } from "../stats/minutes.ts";
import { Row } from "./channel.ts";

/** Between two looks at what changed, and how many of these are between two looks at the minutes. */
const FLUSH_MS = 100;
const FLUSHES_PER_LOOK = 10;
/** Raw ticks that are handed on together at most. */
const RAW_ROWS = 4096;

export interface RecorderPorts {
  clock: Clock;
  archive: Archive;
  cache: PriceCache;
  table: QuoteTable;
  minutes: Minutes;
  /** Taker fee by exchange. */
  fees: ReadonlyMap<string, number>;
  mode(): Mode;
}

export class Recorder {
  readonly #ports: RecorderPorts;
  readonly #raw: boolean;
  #rows = new Float64Array(0);
  #used = 0;
  #cancel = () => {};
  #flushes = 0;

  /** `raw`: ticks are kept, too. */
  constructor(ports: RecorderPorts, raw: boolean) {
    this.#ports = ports;
    this.#raw = raw;
  }

  start(): void {
    this.#cancel = this.#ports.clock.after(FLUSH_MS, () => {
      this.flush();
      this.#flushes = (this.#flushes + 1) % FLUSHES_PER_LOOK;
      if (this.#flushes === 0) this.#ports.minutes.look(this.#ports.clock.now());
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
    this.flush();
    this.#ports.minutes.stop(this.#ports.clock.now());
  }

  /** What changed goes to the cache now. Has to be called before the mode changes, because both belong together. */
  flush(): void {
    const { cache, table } = this.#ports;
    const mode = this.#ports.mode();
    const quotes = [];
    const gone = [];
    for (const cell of table.takeChanged(Asker.cache)) {
      const quote = table.quote(cell);
      if (quote !== undefined) quotes.push(quote);
      else {
        const exchange = table.exchanges[table.exchangeOf(cell)]!;
        gone.push({ exchange, symbol: table.symbols[table.symbolOf(cell)]! });
      }
    }
    if (gone.length > 0) cache.remove(mode, gone);
    if (quotes.length > 0) cache.put(mode, quotes);
    this.#flushRows();
  }

  finished(opportunities: readonly FinishedOpportunity[]): void {
    const { archive, fees } = this.#ports;
    const mode = this.#ports.mode();
    archive.keep({ episodes: opportunities.map((one) => episodeOf(one, mode, fees)) });
  }

  /** A tick as the channel brought it; undefined where ticks are not kept, so that they cost nothing. */
  get row(): ((words: Float64Array, at: number) => void) | undefined {
    return this.#raw ? (words, at) => this.#keepRow(words, at) : undefined;
  }

  #keepRow(words: Float64Array, at: number): void {
    if (this.#used === this.#rows.length) {
      this.#flushRows();
      this.#rows = new Float64Array(RAW_ROWS * Row.WORDS);
    }
    this.#rows.set(words.subarray(at, at + Row.WORDS), this.#used);
    this.#used += Row.WORDS;
  }

  #flushRows(): void {
    if (this.#used === 0) return;
    const { archive, table } = this.#ports;
    const { exchanges, symbols } = table;
    archive.quotes({ mode: this.#ports.mode(), exchanges, symbols, rows: this.#rows.slice(0, this.#used) });
    this.#used = 0;
  }
}

function episodeOf(
  { start, peak, end }: FinishedOpportunity,
  mode: Mode,
  fees: ReadonlyMap<string, number>,
): Episode {
  const { id, symbol, buyExchange, sellExchange, reason } = end;
  return {
    id,
    mode,
    symbol,
    buyExchange,
    sellExchange,
    buyFeeBps: fees.get(buyExchange)!,
    sellFeeBps: fees.get(sellExchange)!,
    start: moment(start, start.openedAt),
    peak: moment(peak, peak.updatedAt),
    end: moment(end, end.closedAt),
    reason,
  };
}

function moment(one: Opportunity, time: number): EpisodeMoment {
  const { buyPrice, sellPrice, sizeBase, notionalQuote, grossBps, netBps } = one;
  const { feesQuote, impactQuote, gasQuote, profitQuote } = one;
  const costs = { feesQuote, impactQuote, gasQuote };
  return { time, buyPrice, sellPrice, sizeBase, notionalQuote, grossBps, netBps, ...costs, profitQuote };
}
