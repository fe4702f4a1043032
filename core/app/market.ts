/**
 * What the program can be asked and told: the core's use cases. Routes, pages and streams talk to this and to
 * nothing behind it.
 */
import type { Bar, StoredInterval } from "../domain/bar.ts";
import type { Episode } from "../domain/episode.ts";
import type { Mode } from "../domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Quote } from "../domain/quote.ts";
import type { ArchiveStatus } from "../ports/archive.ts";
import type { CacheStatus } from "../ports/cache.ts";
import type { BarsQuery, EpisodesQuery } from "../ports/history.ts";
import type { Meters } from "./meters.ts";
import type { Filter } from "./opportunities.ts";

export interface OpportunityFilter extends Filter {
  /** Best first; at most this many. */
  limit?: number;
}

/** A venue as `GET /venues` and the page's strip show it. */
export interface VenueStatus {
  id: string;
  /** The exchanges it quotes: itself, or the sources of `ndjson`. */
  exchanges: string[];
  /** Those of them without a fresh quote: a source of `ndjson` can be gone while the others deliver. */
  quietExchanges: string[];
  state: "starting" | "connecting" | "connected" | "silent" | "disconnected" | "restarting";
  connected: boolean;
  takerFeeBps: number;
  /** Instruments subscribed. */
  instruments: number;
  /** Quotes in the table: fresh and stale. */
  quotes: number;
  freshQuotes: number;
  /** Milliseconds since the last frame; null before the first. */
  lastFrameAgeMs: number | null;
  frames: number;
  bytes: number;
  /** Frames that could not be understood. */
  malformed: number;
  /** Sequence gaps and checksum mismatches. */
  gaps: number;
  /** Ticks merged into a later one because the channel was full. */
  conflated: number;
  /** Rows waiting in the channel. */
  channelDepth: number;
  reconnects: number;
  restarts: number;
  /** The last trouble in plain words; null where there was none. */
  lastError: string | null;
}

/** A quote as it is now; undefined where there is none any more. */
export interface QuoteChange {
  exchange: string;
  symbol: string;
  quote: Quote | undefined;
}

/** What the price of a symbol did in a period that ends now. */
export interface PriceStatistics {
  mode: Mode;
  symbol: string;
  /**
   * What the figures cover, ms since the epoch, `to` excluded. `from` is at most a tenth of a second before the begin of
   * the period that was asked for (a second with very many symbols); for periods above five minutes, and for those that
   * begin before the program or its mode started, at most a minute. It is later where nothing is known of what was before.
   */
  from: number;
  to: number;
  /** One a exchange that had a price, in the order of `exchanges`; `timestamp` is `from`. */
  exchanges: Bar[];
}

export type BarInterval = StoredInterval | "5m";

export interface Health {
  /** `down`: the process cannot do its job (no venue delivers). `degraded`: some of it cannot. */
  status: "ok" | "degraded" | "starting" | "down";
  mode: Mode;
  version: string;
  uptimeMs: number;
  /** What is wrong, in plain words; empty where nothing is. */
  problems: string[];
  venues: VenueStatus[];
  opportunities: {
    open: number;
    opened: number;
    closed: Record<string, number>;
    refused: Record<string, number>;
  };
  cache: CacheStatus;
  history: ArchiveStatus["history"];
  outbox: ArchiveStatus["outbox"];
  memory: { rssBytes: number; heapUsedBytes: number };
}

export interface ModeStatus {
  mode: Mode;
  /** True while a switch is under way. */
  switching: boolean;
  /** When this mode began, ms. */
  since: number;
}

export interface Market {
  readonly version: string;
  readonly mode: Mode;
  /** All canonical symbols that are watched. */
  readonly symbols: readonly string[];
  /** All exchange ids that can have quotes in the present mode. */
  readonly exchanges: readonly string[];
  /** The canonical symbol for any common spelling, or undefined. */
  resolveSymbol(text: string): string | undefined;
  /** Quotes of a symbol on every exchange that has one, in the order of `exchanges`. */
  quotes(symbol: string): Quote[];
  /** One quote, or undefined where that exchange has none now. */
  quote(exchange: string, symbol: string): Quote | undefined;
  /** Quotes that have changed since this was asked last, in any way; for one asker. */
  quoteChanges(): QuoteChange[];
  /** Open opportunities, best net edge first. */
  opportunities(filter?: OpportunityFilter): Opportunity[];
  /** Longest period that `priceStatistics` can be asked for, ms. */
  readonly longestPeriodMs: number;
  /**
   * Minimum, maximum and averages over the last `periodMs`, per exchange. Throws `HistoryError` where it needs the
   * history (periods above five minutes) and that does not answer.
   */
  priceStatistics(query: { symbol: string; exchange?: string; periodMs: number }): Promise<PriceStatistics>;
  /**
   * Bars of the present mode in the order of time, then exchange; the one that is still open last, not complete. Comes in
   * pages, which are read from the history as they are asked for. Throws `HistoryError` from the iterator.
   */
  bars(query: Omit<BarsQuery, "mode" | "interval"> & { interval: BarInterval }): AsyncIterable<Bar[]>;
  /** Finished episodes of the present mode, latest closed first, in pages; as `bars`. */
  episodes(query: Omit<EpisodesQuery, "mode">): AsyncIterable<Episode[]>;
  /** Quotes of the last five minutes at most, oldest first, about two a second. Never throws. */
  recentQuotes(query: { exchange: string; symbol: string; since: number }): Promise<Quote[]>;
  /** `sequence` of the last event; a snapshot taken now stands at it. */
  readonly sequence: number;
  /** Events in batches, conflated per opportunity. Returns the way to stop. */
  subscribe(listener: (events: readonly OpportunityEvent[]) => void): () => void;
  modeStatus(): ModeStatus;
  /** Resolves when the new mode runs. Switching to the present mode does nothing. */
  switchMode(mode: Mode): Promise<ModeStatus>;
  venues(): VenueStatus[];
  health(): Health;
  /** What `health` does not have: counters that never go back while the program runs. */
  meters(): Meters;
}
