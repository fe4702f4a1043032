/** What the market knows by name, and the words for what it does not know. */
import type { Context } from "hono";
import type { Market } from "../core/app/market.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";

/** The exchange id for `text`, whatever its case; undefined where the present mode has no such exchange. */
export function resolveExchange(market: Market, text: string): string | undefined {
  const id = text.trim().toLowerCase();
  return market.exchanges.find((exchange) => exchange.toLowerCase() === id);
}

export function unknownSymbolText(market: Market, text: string): string {
  return `Symbol ${text} is not watched; known are ${market.symbols.join(", ")}`;
}

export function unknownExchangeText(market: Market, text: string): string {
  return `Exchange ${text} is not watched in mode ${market.mode}; known are ${market.exchanges.join(", ")}`;
}

export function unknownSymbol(c: Context<Env>, text: string): Response {
  const { market } = c.get("app");
  const detail = unknownSymbolText(market, text);
  return problem(c, { status: 404, title: "Unknown symbol", detail, knownSymbols: market.symbols });
}

export function unknownExchange(c: Context<Env>, text: string): Response {
  const { market } = c.get("app");
  const detail = unknownExchangeText(market, text);
  return problem(c, { status: 404, title: "Unknown exchange", detail, knownExchanges: market.exchanges });
}
