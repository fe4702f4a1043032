/** How routes describe themselves for the OpenAPI document, which routes/openapi.json.ts puts together. */
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { ProblemSchema } from "./_schemas/problem.ts";

/** An operation object of OpenAPI 3.1, as far as it is used here, with zod in place of JSON Schema. */
export interface Operation {
  tags: readonly ["prices" | "opportunities" | "program"];
  /** Unlike that of any other operation: clients that are generated name their functions by it. */
  operationId: string;
  summary: string;
  /** CommonMark. */
  description?: string;
  parameters?: readonly Parameter[];
  responses: Readonly<Record<number, Answer>>;
}

export interface Parameter {
  in: "path" | "query" | "header";
  name: string;
  required?: boolean;
  description: string;
  schema: object;
  example?: unknown;
}

export interface Answer {
  description: string;
  /** By media type. */
  content?: Readonly<Record<string, { schema?: z.ZodType }>>;
}

/** Stands before the handler in a route and lets everything pass. */
export type Described = MiddlewareHandler & { readonly operation: Operation };

export function describeRoute(operation: Operation): Described {
  return Object.assign<MiddlewareHandler, { operation: Operation }>((_c, next) => next(), { operation });
}

/** A JSON answer. */
export function json(description: string, schema: z.ZodType): Required<Answer> {
  return { description, content: { "application/json": { schema } } };
}

/** An answer that comes as CSV too. */
export function csv({ description, content }: Required<Answer>): Answer {
  return { description, content: { ...content, "text/csv": { schema: z.string() } } };
}

/** A problem document. */
export function problemOf(description: string): Answer {
  return { description, content: { "application/problem+json": { schema: ProblemSchema } } };
}

/** Query parameters from the schema that reads them. */
export function queryParameters(query: z.ZodObject): Parameter[] {
  return Object.entries(query.shape).map(([name, field]) => {
    const { $schema: _, description = "", example, ...schema } = z.toJSONSchema(field as z.ZodType, {
      io: "input",
    });
    return { in: "query", name, description, schema, ...(example ? { example } : {}) };
  });
}

export const symbolParameter: Parameter = {
  in: "path",
  name: "symbol",
  required: true,
  description: "Symbol in any common spelling: `BTC-USDT`, `BTCUSDT`, `btc_usdt`, `BTC%2FUSDT`",
  schema: { type: "string" },
  example: "BTC-USDT",
};

export const exchangeParameter: Parameter = {
  in: "path",
  name: "exchange",
  required: true,
  description: "Exchange id, as in `/venues`",
  schema: { type: "string" },
  example: "bybit",
};
