/**
 * How quotes stand in Redis.
 *
 * - `price:kraken:BTC-USDT` is a hash with the fields of `MarketData` (proto/marketflow.proto) by their JSON names,
 *   without `pool`: what is absent there is absent here, numbers are the shortest decimal text that gives the same number again, `fresh` is
 *   `true` or `false`.
 * - `recent:kraken:BTC-USDT` is a stream of the last minutes, with the same fields but exchange and symbol; an id is
 *   `receivedTime` in milliseconds and the microseconds within.
 *
 * Keys of the test mode begin with `test:`.
 */
import type { Mode } from "../../core/domain/mode.ts";
import type { Quote } from "../../core/domain/quote.ts";

/** What the client gives for a reply of RESP 2. */
export type Reply = string | number | null | Reply[];

const PREFIX: Record<Mode, string> = { live: "", test: "test:" };
/** Fields that may be absent; a set of them is a bit mask in this order. */
const OPTIONAL = ["bid", "bidSize", "ask", "askSize", "price", "exchangeTime"] as const;
export const ALL_FIELDS = (1 << OPTIONAL.length) - 1;

export function priceKey(mode: Mode, exchange: string, symbol: string): string {
  return `${PREFIX[mode]}price:${exchange}:${symbol}`;
}

export function recentKey(mode: Mode, exchange: string, symbol: string): string {
  return `${PREFIX[mode]}recent:${exchange}:${symbol}`;
}

export function fieldsOf(quote: Quote): number {
  let fields = 0;
  for (let n = 0; n < OPTIONAL.length; n++) if (quote[OPTIONAL[n]!] !== null) fields |= 1 << n;
  return fields;
}

export function fieldNames(fields: number): string[] {
  return OPTIONAL.filter((_, n) => fields & (1 << n));
}

/** The command that writes the fields of a hash. */
export function hset(key: string, quote: Quote): string[] {
  return pushFields(["HSET", key, "exchange", quote.exchange, "symbol", quote.symbol], quote);
}

/** The command that appends to a stream, which stays about as long as `bound`. */
export function xadd(key: string, quote: Quote, bound: number): string[] {
  return pushFields(["XADD", key, "MAXLEN", "~", String(bound), streamId(quote.receivedTime)], quote);
}

function pushFields(args: string[], quote: Quote): string[] {
  for (const name of OPTIONAL) {
    const value = quote[name];
    if (value !== null) args.push(name, String(value));
  }
  args.push("receivedTime", String(quote.receivedTime), "fresh", quote.fresh ? "true" : "false");
  return args;
}

/** The id of a quote in a stream. Grows with the time, equal within a microsecond. */
export function streamId(timeMs: number): string {
  const ms = Math.floor(Math.max(0, timeMs));
  return `${ms}-${Math.floor(Math.max(0, timeMs - ms) * 1000)}`;
}

/** A quote out of the fields and values of a hash or an entry; undefined where that is none. */
export function quoteOf(reply: Reply | undefined, exchange: string, symbol: string): Quote | undefined {
  if (!Array.isArray(reply)) return undefined;
  const values: Partial<Record<string, string>> = {};
  for (let n = 0; n + 1 < reply.length; n += 2) values[String(reply[n])] = String(reply[n + 1]);
  const receivedTime = numberOf(values.receivedTime);
  if (receivedTime === null) return undefined;
  return {
    exchange,
    symbol,
    bid: numberOf(values.bid),
    bidSize: numberOf(values.bidSize),
    ask: numberOf(values.ask),
    askSize: numberOf(values.askSize),
    price: numberOf(values.price),
    exchangeTime: numberOf(values.exchangeTime),
    receivedTime,
    fresh: values.fresh === "true",
  };
}

/** The quotes of a range of a stream, in its order; entries that are none are left out. */
export function quotesOf(reply: Reply | undefined, exchange: string, symbol: string): Quote[] {
  if (!Array.isArray(reply)) return [];
  const quotes: Quote[] = [];
  for (const entry of reply) {
    const quote = Array.isArray(entry) ? quoteOf(entry[1], exchange, symbol) : undefined;
    if (quote !== undefined) quotes.push(quote);
  }
  return quotes;
}

function numberOf(text: string | undefined): number | null {
  const value = text === undefined || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
