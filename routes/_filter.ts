/** Reads the filter of opportunities from a query. */
import type { Context } from "hono";
import type { z } from "zod";
import type { OpportunityFilter } from "../core/app/market.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";
import { resolveExchange, unknownExchangeText, unknownSymbolText } from "./_known.ts";
import type { FilterQuery, OpportunitiesQuery } from "./_schemas.ts";

interface ParameterError {
  path: string;
  value?: string;
  message: string;
}

/**
 * The filter, with symbol and exchange in their canonical spelling, or the answer 400 that lists everything that is
 * wrong. An unknown symbol or exchange is wrong too: an empty list would look like a quiet market. A parameter
 * without a value counts as absent, other parameters are not looked at.
 */
export function readFilter(
  c: Context<Env>,
  schema: typeof FilterQuery | typeof OpportunitiesQuery,
): OpportunityFilter | Response {
  const { market } = c.get("app");
  const given: Record<string, string> = {};
  const errors: ParameterError[] = [];
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (!(name in schema.shape)) continue;
    const [value = "", ...more] = values;
    if (more.length > 0) errors.push({ path: name, value: values.join(", "), message: "Give it only once" });
    else if (value.trim() !== "") given[name] = value;
  }

  const parsed = schema.safeParse(given);
  for (const { path, message } of parsed.error?.issues ?? []) {
    errors.push(wrong(given, String(path[0]), message));
  }
  const symbol = given.symbol && market.resolveSymbol(given.symbol);
  if (given.symbol && !symbol) errors.push(wrong(given, "symbol", unknownSymbolText(market, given.symbol)));
  const exchange = given.exchange && resolveExchange(market, given.exchange);
  if (given.exchange && !exchange) {
    errors.push(wrong(given, "exchange", unknownExchangeText(market, given.exchange)));
  }

  if (errors.length > 0) return refuse(c, errors);
  const { minNetBps, limit } = parsed.data as z.output<typeof OpportunitiesQuery>;
  return {
    ...(symbol ? { symbol } : {}),
    ...(exchange ? { exchange } : {}),
    ...(minNetBps === undefined ? {} : { minNetBps }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function wrong(given: Record<string, string>, path: string, message: string): ParameterError {
  const value = given[path];
  return value === undefined ? { path, message } : { path, value, message };
}

function refuse(c: Context<Env>, errors: readonly ParameterError[]): Response {
  const { market } = c.get("app");
  const about = new Set(errors.map((error) => error.path));
  return problem(c, {
    status: 400,
    title: "Parameters are not valid",
    detail: errors.map(({ path, message }) => `${path}: ${message}`).join("; "),
    errors,
    ...(about.has("symbol") ? { knownSymbols: market.symbols } : {}),
    ...(about.has("exchange") ? { knownExchanges: market.exchanges } : {}),
  });
}
