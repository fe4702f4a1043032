/** Removes what is old from PostgreSQL, in short transactions. */
import type { Retention } from "../../core/ports/history.ts";
import { floorTo, HOUR_MS } from "../history/time.ts";
import type { Connections } from "./connections.ts";
import type { Partitions } from "./partitions.ts";

const STEP_ROWS = 5_000;

/** By key and not by the place of the row (ctid), which is not unique where a table is made of several. */
const STEPS = {
  minutes: step(
    "minutes",
    "mode, pair_name, exchange, timestamp",
    "timestamp < to_timestamp($1::float8 / 1000) order by timestamp",
  ),
  episodes: step(
    "episodes",
    "id",
    "mode in ('live', 'test') and closed_at < to_timestamp($1::float8 / 1000)",
  ),
};

function step(table: string, key: string, old: string): string {
  return `with gone as (
    delete from ${table} where (${key}) in (select ${key} from ${table} where ${old} limit ${STEP_ROWS}) returning 1
  ) select count(*)::int as rows from gone`;
}

/**
 * Minutes go by whole hours: an hour is computed anew from its minutes when one of them is written late, so either all of
 * them are there or none. Quotes go by whole days.
 */
export async function removeOld(
  connections: Connections,
  partitions: Partitions,
  retention: Retention,
  now: number,
): Promise<{ minutes: number; quotes: number; episodes: number }> {
  const removed = { minutes: 0, quotes: 0, episodes: 0 };
  const before = {
    minutes: floorTo(HOUR_MS, now - retention.minutes),
    episodes: now - retention.episodes,
  };
  for (const kind of ["minutes", "episodes"] as const) {
    for (let rows = STEP_ROWS; rows === STEP_ROWS;) {
      const [count] = await connections.run((transaction) =>
        transaction.query<{ rows: number }>(STEPS[kind], [before[kind]])
      );
      rows = count!.rows;
      removed[kind] += rows;
    }
  }
  removed.quotes = await partitions.drop(now - retention.quotes);
  return removed;
}
