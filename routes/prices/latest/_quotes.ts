import type { Context } from "hono";
import { quoteJson } from "../../../core/app/wire.ts";
import type { Env } from "../../../ui/env.ts";

/** All quotes of a canonical symbol. */
export function quotesOf(c: Context<Env>, symbol: string): Response {
  const { market } = c.get("app");
  const now = Date.now();
  const quotes = market.quotes(symbol).map((quote) => quoteJson(quote, now));
  return c.json({ symbol, mode: market.mode, quotes });
}
