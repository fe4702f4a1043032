import type { Context } from "hono";
import type { Env } from "../../../ui/env.ts";
import { describeRoute, json, problemOf, symbolParameter } from "../../_describe.ts";
import { readSymbol } from "../../_known.ts";
import { QuotesSchema } from "../../_schemas/quotes.ts";
import { quotesOf } from "./_quotes.ts";

const describe = describeRoute({
  tags: ["prices"],
  operationId: "getLatestPrices",
  summary: "Best bid and ask of a symbol on every exchange",
  description: "`quotes` is empty where no exchange has a quote now.",
  parameters: [symbolParameter],
  responses: { 200: json("The quotes", QuotesSchema), 404: problemOf("The symbol is not watched") },
});

export const GET = [describe, (c: Context<Env>) => {
  const of = readSymbol(c);
  return of instanceof Response ? of : quotesOf(c, of.symbol);
}];
