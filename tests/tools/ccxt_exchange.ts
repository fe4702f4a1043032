/** An exchange of ccxt that reads an emulated one. */
import * as ccxt from "./ccxt.ts";

/** ccxt is typed by exchange; what it gives is looked at as the tests please. */
// deno-lint-ignore no-explicit-any
type Json = any;

/** Points every address that starts as one of these somewhere else. */
function redirect(value: Json, from: RegExp, to: string): Json {
  if (typeof value === "string") return value.replace(from, to);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redirect(item, from, to)]));
}

/** `name` is ccxt's word for the venue, `origin` where it is emulated: `http://127.0.0.1:40201`. */
export function emulatedExchange(
  origin: string,
  name: "bybit" | "okx" | "gate" | "kraken",
  options: Record<string, unknown> = {},
): Json {
  const { [name]: Exchange } = ccxt.pro as Json;
  const exchange = new Exchange({
    enableRateLimit: false,
    options: { fetchMarkets: { types: ["spot"] }, ...options },
  });
  const api = redirect(exchange.urls.api, /^https:\/\/[^/]+/u, origin);
  exchange.urls.api = redirect(api, /^wss:\/\/[^/]+/u, origin.replace("http", "ws"));
  return exchange;
}
