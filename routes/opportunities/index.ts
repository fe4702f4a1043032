import type { Context } from "hono";
import { opportunityJson } from "../../core/app/wire.ts";
import type { Env } from "../../ui/env.ts";
import { describeRoute, json, problemOf, queryParameters } from "../_describe.ts";
import { readQuery } from "../_query.ts";
import { OpportunitiesQuery, OpportunitiesSchema } from "../_schemas/opportunities.ts";

const describe = describeRoute({
  tags: ["opportunities"],
  operationId: "getOpportunities",
  summary: "Open opportunities, best net edge first",
  parameters: queryParameters(OpportunitiesQuery),
  responses: {
    200: json("What is open now", OpportunitiesSchema),
    400: problemOf("All parameters that are not valid; an unknown symbol or exchange is one of them"),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const { market } = c.get("app");
  const filter = readQuery(c, OpportunitiesQuery);
  if (filter instanceof Response) return filter;
  return c.json({ mode: market.mode, opportunities: market.opportunities(filter).map(opportunityJson) });
}];
