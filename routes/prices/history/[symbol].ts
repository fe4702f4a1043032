import type { Context } from "hono";
import type { BarInterval } from "../../../core/app/market.ts";
import { INTERVALS } from "../../../core/domain/bar.ts";
import type { Env } from "../../../ui/env.ts";
import { preferred } from "../../_accept.ts";
import { CSV_TYPE } from "../../_csv.ts";
import { csv, describeRoute, json, problemOf, queryParameters, symbolParameter } from "../../_describe.ts";
import { fromHistory } from "../../_history.ts";
import { readSymbol } from "../../_known.ts";
import { streamPages } from "../../_pages.ts";
import { readQuery, refuse } from "../../_query.ts";
import { BarsQuery, BarsSchema } from "../../_schemas/history.ts";
import { barsAsCsv, barsAsJson } from "./_bars_form.ts";

const DEFAULT_BARS = 500;
const LENGTHS_MS: Readonly<Record<BarInterval, number>> = { ...INTERVALS, "5m": 5 * INTERVALS["1m"] };

const describe = describeRoute({
  tags: ["prices"],
  operationId: "getBars",
  summary: "What the price did per minute, hour or day: bars of one or all exchanges",
  description:
    "JSON, or CSV for `Accept: text/csv`; either comes piece by piece as it is read, so a range may be as " +
    "long as you like. The bar that is still open comes last and is not complete. Where the history fails in the " +
    "middle, the connection is cut: an answer that ends properly is whole.",
  parameters: [symbolParameter, ...queryParameters(BarsQuery)],
  responses: {
    200: csv(json("The bars", BarsSchema)),
    400: problemOf("All parameters that are not valid; an unknown exchange is one of them"),
    404: problemOf("The symbol is not watched"),
    503: problemOf("The history does not answer; `Retry-After` says when to try again"),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const { market } = c.get("app");
  const of = readSymbol(c);
  if (of instanceof Response) return of;
  const query = readQuery(c, BarsQuery);
  if (query instanceof Response) return query;
  const { exchange, interval = "1m", to = Date.now() } = query;
  const { from = Math.max(0, to - DEFAULT_BARS * LENGTHS_MS[interval]) } = query;
  if (from >= to) return refuse(c, [{ path: "from", message: "It has to be before to" }]);

  const { symbol } = of;
  const range = { symbol, mode: market.mode, interval, from: Math.round(from), to: Math.round(to) };
  const type = preferred(c.req.header("accept"), ["application/json", CSV_TYPE]);
  const form = type === CSV_TYPE ? barsAsCsv(range) : barsAsJson(range);
  const bars = market.bars({ symbol, ...(exchange === undefined ? {} : { exchange }), interval, from, to });
  return fromHistory(c, () => streamPages(bars, form));
}];
