/** Reads query parameters, and tells everything that is wrong with them at once. */
import type { Context } from "hono";
import type { z } from "zod";
import type { Market } from "../core/app/market.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";
import { resolveExchange, unknownExchangeText, unknownSymbolText } from "./_known.ts";
import { ALLOWED_PERIODS } from "./_time.ts";

export interface ParameterError {
  path: string;
  value?: string;
  message: string;
}

/** What a schema makes of parameters: one that is absent has no key. */
export type Read<Schema extends z.ZodObject> = {
  [Name in keyof z.output<Schema>]: Exclude<z.output<Schema>[Name], undefined>;
};

/**
 * The parameters that a schema names, with `symbol` and `exchange` in their canonical spelling, or the answer 400 that
 * lists everything that is wrong. An unknown symbol or exchange is wrong too: an empty list would look like a quiet
 * market. A parameter without a value counts as absent, other parameters are not looked at.
 */
export function readQuery<Schema extends z.ZodObject>(
  c: Context<Env>,
  schema: Schema,
): Read<Schema> | Response {
  const given: Record<string, string> = {};
  const twice: ParameterError[] = [];
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (!Object.hasOwn(schema.shape, name)) continue;
    const [value = "", ...more] = values;
    if (more.length > 0) twice.push({ path: name, value: values.join(", "), message: "Give it only once" });
    else if (value.trim() !== "") given[name] = value;
  }
  const read = readParameters(c.get("app").market, schema, given);
  const errors = [...twice, ...("errors" in read ? read.errors : [])];
  return errors.length > 0 || "errors" in read ? refuse(c, errors) : read.value;
}

/** The same for parameters that came in another way. */
export function readParameters<Schema extends z.ZodObject>(
  market: Market,
  schema: Schema,
  given: Readonly<Record<string, string>>,
): { value: Read<Schema> } | { errors: ParameterError[] } {
  const errors: ParameterError[] = [];
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
  if (errors.length > 0) return { errors };
  return {
    value: { ...parsed.data, ...(symbol && { symbol }), ...(exchange && { exchange }) } as Read<Schema>,
  };
}

function wrong(given: Readonly<Record<string, string>>, path: string, message: string): ParameterError {
  const value = given[path];
  return value === undefined ? { path, message } : { path, value, message };
}

/** 400 with all of it, and what a program can act on. */
export function refuse(c: Context<Env>, errors: readonly ParameterError[]): Response {
  const { market } = c.get("app");
  const about = new Set(errors.map((error) => error.path));
  return problem(c, {
    status: 400,
    title: "Parameters are not valid",
    detail: inWords(errors),
    errors,
    ...(about.has("symbol") ? { knownSymbols: market.symbols } : {}),
    ...(about.has("exchange") ? { knownExchanges: market.exchanges } : {}),
    ...(about.has("period") ? { allowed: ALLOWED_PERIODS } : {}),
  });
}

export function inWords(errors: readonly ParameterError[]): string {
  return errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
}
