/** Removes what is old from a SQLite file, in steps that keep other writers waiting for a moment only. */
import type { Retention } from "../../core/ports/history.ts";
import { floorTo, HOUR_MS } from "../history/time.ts";
import type { Database } from "./database.ts";

const STEP_ROWS = 2_000;

/**
 * The rows of one step, and no more to look at. Minutes go by whole hours: an hour is computed anew from its minutes when one
 * of them is written late, so either all of them are there or none. Quotes stand about in the order of time, so the oldest
 * are looked at first, and no index has to be kept for the removal.
 */
const STEPS = {
  minutes: `delete from minutes where (mode, pair_name, exchange, timestamp) in (
    select mode, pair_name, exchange, timestamp from minutes where timestamp < ? order by timestamp limit ${STEP_ROWS})`,
  quotes: `delete from quotes where received_time < ? and rowid in (
    select rowid from quotes order by rowid limit ${STEP_ROWS})`,
  episodes: `delete from episodes where id in (
    select id from episodes where mode in ('live', 'test') and closed_at < ? limit ${STEP_ROWS})`,
};

export async function removeOld(
  database: Database,
  retention: Retention,
  now: number,
  turn: () => Promise<void>,
): Promise<{ minutes: number; quotes: number; episodes: number }> {
  const removed = { minutes: 0, quotes: 0, episodes: 0 };
  const before = {
    minutes: floorTo(HOUR_MS, now - retention.minutes),
    quotes: now - retention.quotes,
    episodes: now - retention.episodes,
  };
  for (const kind of ["minutes", "quotes", "episodes"] as const) {
    for (let changes = STEP_ROWS; changes > 0;) {
      changes = database.write(() => Number(database.prepare(STEPS[kind]).run(before[kind]).changes));
      removed[kind] += changes;
      await turn();
    }
  }
  return removed;
}
