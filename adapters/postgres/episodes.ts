/** Episodes in PostgreSQL. */
import type { Episode } from "../../core/domain/episode.ts";
import type { EpisodesQuery } from "../../core/ports/history.ts";
import {
  EPISODE_COLUMNS,
  type EpisodeRow,
  episodeValues,
  latestOfEach,
  plain,
  toEpisode,
} from "../history/columns.ts";
import { arraysOf, selected, unnested, upsert } from "./columns.ts";
import type { Transaction } from "./connections.ts";

const COLUMNS = Object.keys(EPISODE_COLUMNS);
const UPSERT = upsert("episodes", COLUMNS, ["id"], unnested(EPISODE_COLUMNS));
/** In one statement. */
const ROWS = 2_000;

export async function writeEpisodes(transaction: Transaction, episodes: readonly Episode[]): Promise<void> {
  const latest = latestOfEach(episodes, ({ id }) => plain(id));
  for (let n = 0; n < latest.length; n += ROWS) {
    const rows = latest.slice(n, n + ROWS).map(episodeValues);
    await transaction.query(UPSERT, arraysOf(rows, COLUMNS.length));
  }
}

/** The next page after `query.after`; `count` at most; the last page is shorter. */
export async function episodesPage(
  transaction: Transaction,
  query: EpisodesQuery,
  count: number,
): Promise<Episode[]> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: (value: string) => string, value: string | number | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  const time = (value: string) => `to_timestamp(${value}::float8 / 1000)`;
  const { after } = query;
  where((value) => `mode = ${value}`, query.mode);
  where((value) => `pair_name = ${value}`, query.symbol && plain(query.symbol));
  where(
    (value) => `(buy_exchange = ${value} or sell_exchange = ${value})`,
    query.exchange && plain(query.exchange),
  );
  where((value) => `reason = ${value}`, query.reason);
  where((value) => `peak_net_bps >= ${value}::float8`, query.minNetBps);
  where((value) => `closed_at >= ${time(value)}`, query.from);
  where((value) => `closed_at < ${time(value)}`, query.to);
  if (after !== undefined) {
    values.push(after.closedAt, plain(after.id));
    conditions.push(`(closed_at, id) < (${time(`$${values.length - 1}`)}, $${values.length})`);
  }
  values.push(count);
  const rows = await transaction.query<EpisodeRow>(
    `select ${selected(EPISODE_COLUMNS)} from (
      select * from episodes where ${conditions.join(" and ")}
      order by closed_at desc, id desc limit $${values.length}) as page order by page.closed_at desc, page.id desc`,
    values,
  );
  return rows.map(toEpisode);
}
