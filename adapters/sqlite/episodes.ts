/** Episodes in SQLite. */
import type { Episode } from "../../core/domain/episode.ts";
import type { EpisodesQuery } from "../../core/ports/history.ts";
import { EPISODE_COLUMNS, type EpisodeRow, episodeValues, plain, toEpisode } from "../history/columns.ts";
import type { Database } from "./database.ts";

const COLUMNS = Object.keys(EPISODE_COLUMNS);
const INSERT = `insert or replace into episodes (${COLUMNS}) values (${COLUMNS.map(() => "?")})`;

/** Within a transaction. */
export function writeEpisodes(database: Database, episodes: readonly Episode[]): void {
  const insert = database.prepare(INSERT);
  for (const episode of episodes) insert.run(...episodeValues(episode));
}

/** The next page after `query.after`; `count` at most; the last page is shorter. */
export function episodesPage(database: Database, query: EpisodesQuery, count: number): Episode[] {
  const conditions = ["mode = ?"];
  const values: (string | number)[] = [query.mode];
  const where = (condition: string, ...of: (string | number | undefined)[]) => {
    if (of[0] === undefined) return;
    conditions.push(condition);
    values.push(...of as (string | number)[]);
  };
  const { after } = query;
  const exchange = query.exchange && plain(query.exchange);
  where("pair_name = ?", query.symbol && plain(query.symbol));
  where("(buy_exchange = ? or sell_exchange = ?)", exchange, exchange);
  where("reason = ?", query.reason);
  where("peak_net_bps >= ?", query.minNetBps);
  where("closed_at >= ?", query.from);
  where("closed_at < ?", query.to);
  where("(closed_at, id) < (?, ?)", after?.closedAt, after && plain(after.id));
  // A handful of shapes, one for each combination of filters, so that the index of the ones asked for is used.
  const select = database.prepare(
    `select ${COLUMNS} from episodes where ${conditions.join(" and ")} ` +
      `order by closed_at desc, id desc limit ?`,
  );
  return (select.all(...values, count) as unknown as EpisodeRow[]).map(toEpisode);
}
