import type { Context } from "hono";
import { quoteJson } from "../../../../core/app/wire.ts";
import { RECENT_MS } from "../../../../core/ports/cache.ts";
import type { Env } from "../../../../ui/env.ts";
import {
  describeRoute,
  exchangeParameter,
  json,
  problemOf,
  queryParameters,
  symbolParameter,
} from "../../../_describe.ts";
import { readPair, unknownExchange } from "../../../_known.ts";
import { readQuery } from "../../../_query.ts";
import { RecentQuery, RecentSchema } from "../../../_schemas/history.ts";

const describe = describeRoute({
  tags: ["prices"],
  operationId: "getRecentQuotes",
  summary: "Quotes of a symbol on one exchange in the last minutes",
  description:
    "Oldest first, about two a second at most, each the latest of its half second; five minutes at most.",
  parameters: [exchangeParameter, symbolParameter, ...queryParameters(RecentQuery)],
  responses: {
    200: json("The quotes", RecentSchema),
    400: problemOf("The parameter is not valid"),
    404: problemOf("The symbol or the exchange is not watched"),
  },
});

export const GET = [describe, async (c: Context<Env>) => {
  const { market } = c.get("app");
  const pair = readPair(c);
  if (pair instanceof Response) return pair;
  const { exchange, symbol } = pair;
  if (exchange === undefined) return unknownExchange(c, c.req.param("exchange")!);
  const query = readQuery(c, RecentQuery);
  if (query instanceof Response) return query;
  const { mode } = market;
  const since = Date.now() - (query.seconds === undefined ? RECENT_MS : query.seconds * 1000);
  const quotes = await market.recentQuotes({ exchange, symbol, since });
  const now = Date.now();
  // Not every cache keeps which pool it was.
  const shown = quotes.map(({ pool: _, ...quote }) => quoteJson(quote, now));
  return c.json({ exchange, symbol, mode, quotes: shown });
}];
