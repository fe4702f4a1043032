import type { Context } from "hono";
import { episodeJson } from "../../core/app/wire.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Env } from "../../ui/env.ts";
import { preferred } from "../_accept.ts";
import { CSV_TYPE } from "../_csv.ts";
import { csv, describeRoute, json, problemOf, queryParameters } from "../_describe.ts";
import { fromHistory } from "../_history.ts";
import { streamPages } from "../_pages.ts";
import { readQuery, refuse } from "../_query.ts";
import { EpisodesQuery, EpisodesSchema } from "../_schemas/episodes.ts";
import { readCursor, writeCursor } from "./_cursor.ts";
import { episodesAsCsv } from "./_episodes_form.ts";

const DEFAULT_LIMIT = 100;

const describe = describeRoute({
  tags: ["opportunities"],
  operationId: "getOpportunityHistory",
  summary: "Opportunities that have ended, latest closed first",
  description:
    "JSON comes in pages: hand `nextCursor` back as `cursor`, with the other parameters as they were, until " +
    "it is null. CSV (`Accept: text/csv`) has no pages and comes piece by piece as it is read; where the history fails " +
    "in the middle, the connection is cut: an answer that ends properly is whole.",
  parameters: queryParameters(EpisodesQuery),
  responses: {
    200: csv(json("The episodes", EpisodesSchema)),
    400: problemOf("All parameters that are not valid; an unknown symbol or exchange is one of them"),
    503: problemOf("The history does not answer; `Retry-After` says when to try again"),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const { market } = c.get("app");
  const query = readQuery(c, EpisodesQuery);
  if (query instanceof Response) return query;
  const { limit, cursor, ...filter } = query;
  const after = cursor === undefined ? undefined : readCursor(cursor.trim());
  if (cursor !== undefined && after === undefined) {
    const message = "Use nextCursor of an earlier answer as it was, or leave it out";
    return refuse(c, [{ path: "cursor", value: cursor, message }]);
  }
  if (filter.from !== undefined && filter.to !== undefined && filter.from >= filter.to) {
    return refuse(c, [{ path: "from", message: "It has to be before to" }]);
  }

  const { mode } = market;
  const of = { ...filter, ...(after && { after }) };
  return fromHistory(c, async () => {
    if (preferred(c.req.header("accept"), ["application/json", CSV_TYPE]) === CSV_TYPE) {
      return await streamPages(market.episodes({ ...of, ...(limit && { limit }) }), episodesAsCsv(mode));
    }
    c.header("vary", "accept");
    // One more than is shown, to know whether anything follows.
    const shown = limit ?? DEFAULT_LIMIT;
    return c.json({ mode, ...await firstPage(market.episodes({ ...of, limit: shown + 1 }), shown) });
  });
}];

async function firstPage(pages: AsyncIterable<Episode[]>, limit: number) {
  const episodes: Episode[] = [];
  for await (const page of pages) episodes.push(...page);
  const shown = episodes.slice(0, limit);
  const last = shown.at(-1);
  return {
    episodes: shown.map(episodeJson),
    nextCursor: last !== undefined && episodes.length > limit ? writeCursor(last) : null,
  };
}
