import type { Context } from "hono";
import { quoteJson } from "../../../../core/app/wire.ts";
import type { Env } from "../../../../ui/env.ts";
import { problem } from "../../../../ui/problem.ts";
import { describeRoute, exchangeParameter, json, problemOf, symbolParameter } from "../../../_describe.ts";
import { readPair } from "../../../_known.ts";
import { QuoteSchema } from "../../../_schemas/quotes.ts";
import { quotesOf } from "../_quotes.ts";

const describe = describeRoute({
  tags: ["prices"],
  operationId: "getLatestPrice",
  summary: "Best bid and ask of a symbol on one exchange",
  description: "A symbol with a plain slash, `/prices/latest/BTC/USDT`, is understood too and answered as " +
    "`/prices/latest/BTC-USDT`, unless its first half is the id of an exchange.",
  parameters: [exchangeParameter, symbolParameter],
  responses: {
    200: json("The quote", QuoteSchema),
    404: problemOf("The symbol or the exchange is not watched, or there is no quote now"),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const { market } = c.get("app");
  const pair = readPair(c);
  if (pair instanceof Response) return pair;
  const { exchange, symbol } = pair;
  if (exchange === undefined) return quotesOf(c, symbol);
  const quote = market.quote(exchange, symbol);
  if (quote !== undefined) return c.json(quoteJson(quote, Date.now()));
  return problem(c, {
    status: 404,
    title: "No quote",
    detail:
      `Exchange ${exchange} has no quote of ${symbol} now: not listed there, not received yet, or withdrawn`,
  });
}];
