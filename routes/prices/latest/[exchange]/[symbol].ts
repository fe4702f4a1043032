import type { Context } from "hono";
import { describeRoute } from "hono-openapi";
import { quoteJson } from "../../../../core/app/wire.ts";
import type { Env } from "../../../../ui/env.ts";
import { problem } from "../../../../ui/problem.ts";
import { exchangeParameter, json, problemOf, symbolParameter } from "../../../_describe.ts";
import { resolveExchange, unknownExchange, unknownSymbol } from "../../../_known.ts";
import { QuoteSchema } from "../../../_schemas.ts";
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
  const [exchangeText, symbolText] = [c.req.param("exchange")!, c.req.param("symbol")!];
  const exchange = resolveExchange(market, exchangeText);
  if (exchange === undefined) {
    const slashed = market.resolveSymbol(`${exchangeText}-${symbolText}`);
    return slashed === undefined ? unknownExchange(c, exchangeText) : quotesOf(c, slashed);
  }
  const symbol = market.resolveSymbol(symbolText);
  if (symbol === undefined) return unknownSymbol(c, symbolText);
  const quote = market.quote(exchange, symbol);
  if (quote !== undefined) return c.json(quoteJson(quote));
  return problem(c, {
    status: 404,
    title: "No quote",
    detail:
      `Exchange ${exchange} has no quote of ${symbol} now: not listed there, not received yet, or withdrawn`,
  });
}];
