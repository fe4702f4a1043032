/** What the parts of the contract ask a history, in short. */
import { type Bar, INTERVALS } from "../../../core/domain/bar.ts";
import type { Episode } from "../../../core/domain/episode.ts";
import type { BarsQuery, EpisodesQuery, History } from "../../../core/ports/history.ts";
import { DAY0 } from "../records.ts";

export const HOUR = INTERVALS["1h"];
export const DAY = INTERVALS["1d"];

export function query(of: Partial<BarsQuery>): BarsQuery {
  return { mode: "live", symbol: "BTC-USDT", interval: "1m", from: 0, to: DAY0 + 1000 * DAY, ...of };
}

export async function bars(history: History, of: Partial<BarsQuery>): Promise<Bar[]> {
  return (await Array.fromAsync(history.bars(query(of)))).flat();
}

export async function episodes(history: History, of: Omit<EpisodesQuery, "mode">): Promise<Episode[]> {
  return (await Array.fromAsync(history.episodes({ mode: "live", ...of }))).flat();
}

/** The minutes of each exchange and interval, in the order of exchange and time. */
export function intervals(minutes: readonly Bar[], lengthMs: number): [number, Bar[]][] {
  const found = Map.groupBy(
    minutes,
    ({ exchange, timestamp }) => `${exchange} ${Math.floor(timestamp / lengthMs) * lengthMs}`,
  );
  return [...found.values()]
    .map((parts): [number, Bar[]] => [Math.floor(parts[0]!.timestamp / lengthMs) * lengthMs, parts])
    .sort(([a], [b]) => a - b);
}

export function latestFirst(a: Episode, b: Episode): number {
  return b.end.time - a.end.time || (a.id < b.id ? 1 : -1);
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}
