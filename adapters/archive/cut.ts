/**
 * Minutes that were cut by a crash must not replace better ones. They can: while the outbox could not be written, the
 * whole minute may have gone to the history straight, and the checkpoint of it stayed in the outbox.
 */
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import type { History } from "../../core/ports/history.ts";
import { type Kept, minuteKey } from "./records.ts";

/** The records without the cut minutes of which the history has as much already. Throws `HistoryError`. */
export async function withoutWorseCuts(
  history: Pick<History, "bars">,
  records: readonly Kept[],
): Promise<readonly Kept[]> {
  const cuts = records.flatMap(({ kind, body }) => kind === "cut" ? [body] : []);
  if (cuts.length === 0) return records;
  const there = await barsLike(history, cuts);
  return records.filter(({ kind, body }) => {
    if (kind !== "cut") return true;
    const other = there.get(minuteKey(body));
    return other === undefined || !other.complete && other.samples < body.samples;
  });
}

/** One query for all exchanges of a symbol and minute. */
async function barsLike(history: Pick<History, "bars">, bars: readonly Bar[]): Promise<Map<string, Bar>> {
  const there = new Map<string, Bar>();
  const asked = new Set<string>();
  for (const { mode, symbol, timestamp: from } of bars) {
    const question = `${mode}/${symbol}/${from}`;
    if (asked.has(question)) continue;
    asked.add(question);
    for await (const page of history.bars({ mode, symbol, interval: "1m", from, to: from + MINUTE_MS })) {
      for (const bar of page) there.set(minuteKey(bar), bar);
    }
  }
  return there;
}
