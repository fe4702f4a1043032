/** What a line of a source means. Pure. */
import { parseObject } from "../_base/json.ts";
import type { TopOfBook } from "../_base/quotes.ts";

/**
 * `{"symbol":"BTCUSDT","price":67000.5,"timestamp":1790000000000}`; numbers may be text. A line with all of `bid`,
 * `bidSize`, `ask` and `askSize` states a quote, any other only a price.
 */
export type Line =
  | { kind: "price"; symbol: string; price: number; exchangeTime: number }
  | { kind: "top"; symbol: string } & TopOfBook
  | { kind: "malformed"; reason: string };

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const BOOK = ["bid", "bidSize", "ask", "askSize"] as const;

/** A timestamp below this is in seconds: in milliseconds it would be a day of 1973. */
const SECONDS_BELOW = 1e11;

/** Numbers are finite but may be anything else; whether they can be a price is for the one who keeps the quotes. */
export function mapLine(text: string): Line {
  const line = parseObject(text);
  if (line === undefined) return malformed("Not a JSON object");
  const { symbol } = line;
  if (typeof symbol !== "string" || symbol === "") return malformed("No symbol");
  const exchangeTime = timeOf(line.timestamp);
  if (exchangeTime === undefined) return malformed("The timestamp is not a number");
  if (BOOK.every((name) => line[name] !== undefined && line[name] !== null)) {
    const [bid, bidSize, ask, askSize] = BOOK.map((name) => numberOf(line[name]));
    if (bid === undefined || bidSize === undefined || ask === undefined || askSize === undefined) {
      return malformed("Bid, ask or a size is not a number");
    }
    return { kind: "top", symbol, bid, bidSize, ask, askSize, exchangeTime };
  }
  const price = numberOf(line.price);
  return price === undefined
    ? malformed("The price is not a number")
    : { kind: "price", symbol, price, exchangeTime };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Milliseconds since the epoch; NaN where the line has no timestamp. */
function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return NaN;
  const number = numberOf(value);
  return number !== undefined && number < SECONDS_BELOW ? number * 1000 : number;
}

function malformed(reason: string): Line {
  return { kind: "malformed", reason };
}
