/** Episodes in SQLite. */
import type { Episode } from "../../core/domain/episode.ts";
import type { EpisodesQuery } from "../../core/ports/history.ts";
import { EPISODE_COLUMNS, type EpisodeRow, episodeValues, plain, toEpisode } from "../history/columns.ts";
import type { Step } from "../history/steps.ts";
import type { Database } from "./database.ts";

const COLUMNS = Object.keys(EPISODE_COLUMNS);
const INSERT = `insert or replace into episodes (${COLUMNS}) values (${COLUMNS.map(() => "?")})`;
const LATEST_FIRST = "order by closed_at desc, id desc";
/** Of a page. A thread that gets them from another one takes half a millisecond to unpack so many. */
const PAGE_ROWS = 250;
/** A step looks at so many episodes, however few of them fit, which takes some milliseconds. */
const STEP_ROWS = 20_000;

type Position = NonNullable<EpisodesQuery["after"]>;

/** Within a transaction. */
export function writeEpisodes(database: Database, episodes: readonly Episode[]): void {
  const insert = database.prepare(INSERT);
  for (const episode of episodes) insert.run(...episodeValues(episode));
}

/**
 * The next page, or what there is of it among the next `STEP_ROWS`: how far those reach is found in the index first, and
 * then what fits is looked for up to there.
 */
export function episodesStep(database: Database, query: EpisodesQuery): Step<Episode, EpisodesQuery> {
  const { limit = Infinity } = query;
  const count = Math.min(PAGE_ROWS, limit);
  const filter = filterOf(query);
  const end = filter.isEmpty ? undefined : endOfStep(database, query);
  const within = rangeOf(query, end);
  // A handful of shapes, one for each combination of conditions, so that the index of the ones asked for is used.
  const select = database.prepare(
    `select ${COLUMNS} from episodes where ${within.and(filter)} ${LATEST_FIRST} limit ?`,
  );
  const found = select.all(...within.values, ...filter.values, count) as unknown as EpisodeRow[];
  const rows = found.map(toEpisode);
  const last = rows.at(-1);
  const after = last !== undefined && rows.length === count ? { closedAt: last.end.time, id: last.id } : end;
  const left = limit - rows.length;
  if (after === undefined || left <= 0) return { rows, rest: undefined };
  return { rows, rest: { ...query, after, ...(left < Infinity && { limit: left }) } };
}

/** The last of the episodes that a step looks at; undefined where fewer are left. */
function endOfStep(database: Database, query: EpisodesQuery): Position | undefined {
  const range = rangeOf(query);
  const select = database.prepare(
    `select closed_at, id from episodes where ${range} ${LATEST_FIRST} limit 1 offset ${STEP_ROWS - 1}`,
  );
  const row = select.get(...range.values) as { closed_at: number; id: string } | undefined;
  return row && { closedAt: row.closed_at, id: row.id };
}

/**
 * Which part of an index is looked at: what comes after `query.after`, down to `end`. One bound on either side and no more,
 * because SQLite searches with one and would read on beyond the other.
 */
function rangeOf({ mode, symbol, from, to, after }: EpisodesQuery, end?: Position): Conditions {
  const range = new Conditions();
  range.add("mode = ?", mode);
  if (symbol !== undefined) range.add("pair_name = ?", plain(symbol));
  if (after !== undefined && after.closedAt < (to ?? Infinity)) {
    range.add("(closed_at, id) < (?, ?)", after.closedAt, plain(after.id));
  } else if (to !== undefined) range.add("closed_at < ?", to);
  if (end !== undefined) range.add("(closed_at, id) >= (?, ?)", end.closedAt, end.id);
  else if (from !== undefined) range.add("closed_at >= ?", from);
  return range;
}

/** What is asked of each episode there. */
function filterOf({ exchange, reason, minNetBps }: EpisodesQuery): Conditions {
  const filter = new Conditions();
  if (exchange !== undefined) {
    filter.add("(buy_exchange = ? or sell_exchange = ?)", plain(exchange), plain(exchange));
  }
  if (reason !== undefined) filter.add("reason = ?", reason);
  if (minNetBps !== undefined) filter.add("peak_net_bps >= ?", minNetBps);
  return filter;
}

class Conditions {
  readonly values: (string | number)[] = [];
  readonly #texts: string[] = [];

  get isEmpty(): boolean {
    return this.#texts.length === 0;
  }

  add(text: string, ...values: (string | number)[]): void {
    this.#texts.push(text);
    this.values.push(...values);
  }

  and(other: Conditions): string {
    return [...this.#texts, ...other.#texts].join(" and ");
  }

  toString(): string {
    return this.#texts.join(" and ");
  }
}
