/** What is kept, one by one: in the outbox every record has a line of its own, the history takes them in batches. */
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import { type Episode, feesOf } from "../../core/domain/episode.ts";
import type { HistoryBatch } from "../../core/ports/history.ts";

export type Kept = { kind: "minute"; body: Bar } | { kind: "episode"; body: Episode };

/** A record as the outbox gives it back, which may have been put there by an earlier version of the program. */
export function keptOfJson(kind: Kept["kind"], json: string): Kept {
  const body = JSON.parse(json);
  if (kind === "minute") return { kind, body };
  // There were no pools before costs were told apart.
  for (const moment of [body.start, body.peak, body.end]) {
    moment.impactQuote ??= 0;
    moment.gasQuote ??= 0;
    moment.feesQuote ??= feesOf(moment);
  }
  return { kind, body };
}

export function keptOf({ minutes, episodes }: HistoryBatch): Kept[] {
  return [
    ...minutes.map((body): Kept => ({ kind: "minute", body })),
    ...episodes.map((body): Kept => ({ kind: "episode", body })),
  ];
}

/** The key of the history, as text. */
export function keyOf({ kind, body }: Kept): string {
  return kind === "episode" ? body.id : minuteKey(body);
}

export function minuteKey({ mode, exchange, symbol, timestamp }: Bar): string {
  return `${mode}/${exchange}/${symbol}/${timestamp}`;
}

/** When a record came to be, ms since the epoch. */
export function timeOf({ kind, body }: Kept): number {
  return kind === "episode" ? body.end.time : body.timestamp + MINUTE_MS;
}

export function batchOf(records: readonly Kept[]): HistoryBatch {
  const minutes: Bar[] = [];
  const episodes: Episode[] = [];
  for (const { kind, body } of records) {
    if (kind === "episode") episodes.push(body);
    else minutes.push(body);
  }
  return { minutes, episodes };
}
