/** Shorthands for describing routes in the OpenAPI document. */
import { resolver } from "hono-openapi";
import { z } from "zod";
import { ProblemSchema } from "./_schemas/problem.ts";

/** A JSON answer. */
export function json(description: string, schema: z.ZodType) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}

/** An answer that comes as CSV too. */
export function csv<Content extends object>(answer: { description: string; content: Content }) {
  return { ...answer, content: { ...answer.content, "text/csv": { schema: { type: "string" as const } } } };
}

/** A problem document. */
export function problemOf(description: string) {
  return { description, content: { "application/problem+json": { schema: resolver(ProblemSchema) } } };
}

/** Query parameters from the schema that reads them. */
export function queryParameters(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, field]) => {
    const { $schema: _, description = "", example, ...schema } = z.toJSONSchema(field as z.ZodType, {
      io: "input",
    });
    return {
      in: "query" as const,
      name,
      description,
      schema: schema as object,
      ...(example ? { example } : {}),
    };
  });
}

export const symbolParameter = {
  in: "path" as const,
  name: "symbol",
  required: true,
  description: "Symbol in any common spelling: `BTC-USDT`, `BTCUSDT`, `btc_usdt`, `BTC%2FUSDT`",
  schema: { type: "string" as const },
  example: "BTC-USDT",
};

export const exchangeParameter = {
  in: "path" as const,
  name: "exchange",
  required: true,
  description: "Exchange id, as in `/venues`",
  schema: { type: "string" as const },
  example: "bybit",
};
