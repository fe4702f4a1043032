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

/**
 * What the two parts of a path `/{exchange}/{symbol}` mean, or the answer 404. A symbol with a plain slash, `/BTC/USDT`,
 * has no exchange, unless its first half is the id of one.
 */
export function readPair(c: Context<Env>): { exchange?: string; symbol: string } | Response {
  const { market } = c.get("app");
  const [exchangeText, symbolText] = [c.req.param("exchange")!, c.req.param("symbol")!];
  const exchange = resolveExchange(market, exchangeText);
  if (exchange === undefined) {
    const slashed = market.resolveSymbol(`${exchangeText}-${symbolText}`);
    return slashed === undefined ? unknownExchange(c, exchangeText) : { symbol: slashed };
  }
  const symbol = market.resolveSymbol(symbolText);
  return symbol === undefined ? unknownSymbol(c, symbolText) : { exchange, symbol };
}

/** The canonical symbol of a path `/{symbol}`, or the answer 404. */
export function readSymbol(c: Context<Env>): { symbol: string } | Response {
  const text = c.req.param("symbol")!;
  const symbol = c.get("app").market.resolveSymbol(text);
  return symbol === undefined ? unknownSymbol(c, text) : { symbol };
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
