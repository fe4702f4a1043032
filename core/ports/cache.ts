/**
 * The present market for others and for the last minutes: the latest quote of every pair and exchange, and its quotes of
 * the last five minutes. Redis and memory implement it; one contract test holds for both (tests/cache).
 */
import type { Mode } from "../domain/mode.ts";
import type { Quote } from "../domain/quote.ts";

/** How far back `recent` goes, and how many quotes of a pair and exchange are kept at most. */
export const RECENT_MS = 300_000;
export const RECENT_QUOTES = 600;

export interface PriceCache {
  /**
   * Takes quotes over, the latest of each pair and exchange wins; writing happens in batches, later. Never waits, never
   * throws, holds at most one quote of each pair and exchange back.
   */
  put(mode: Mode, quotes: readonly Quote[]): void;
  /** These pairs have no quote any more. */
  remove(mode: Mode, pairs: readonly { exchange: string; symbol: string }[]): void;
  /** The latest quote, or undefined. Answers from memory where Redis does not answer in time; never throws. */
  latest(mode: Mode, exchange: string, symbol: string): Promise<Quote | undefined>;
  /**
   * Quotes received at `since` (ms since the epoch) or later, oldest first: at most `RECENT_QUOTES`, about two a second
   * at most, each the latest of its half second. Never throws.
   */
  recent(mode: Mode, exchange: string, symbol: string, since: number): Promise<Quote[]>;
  status(): CacheStatus;
  /** Writes what waits, within a bound, and ends. */
  close(): Promise<void>;
}

export interface CacheStatus {
  kind: "redis" | "memory";
  /** Without password. */
  url: string;
  /** `fallback`: Redis is gone, memory answers. */
  state: "ok" | "fallback";
  /** Pairs and exchanges whose latest quote is not written yet. */
  pending: number;
  /** Age of the oldest of these; null where there is none. */
  lagMs: number | null;
  written: number;
  /** Quotes replaced by a later one before they were written. */
  conflated: number;
  error: string | null;
}
