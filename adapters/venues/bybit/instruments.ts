/** Bybit v5 spot: its instrument list. Source: https://bybit-exchange.github.io/docs/v5/market/instrument */
import type { Instrument } from "../../../core/domain/instrument.ts";
import { isObject, reasonOf } from "../_base/json.ts";
import { canonicalSymbol, ListingError, onePerSymbol, parseBody, positiveOf } from "../_base/listing.ts";
import type { InstrumentList } from "../_base/venue.ts";

const VENUE = "bybit";

function instrument(row: unknown): Instrument | undefined {
  if (!isObject(row) || typeof row.symbol !== "string") return undefined;
  const symbol = canonicalSymbol(row.baseCoin, row.quoteCoin);
  if (symbol === undefined) return undefined;
  const price = isObject(row.priceFilter) ? row.priceFilter : {};
  const lot = isObject(row.lotSizeFilter) ? row.lotSizeFilter : {};
  return {
    symbol,
    venueSymbol: row.symbol,
    tickSize: positiveOf(price.tickSize),
    lotSize: positiveOf(lot.basePrecision),
    minSizeBase: positiveOf(lot.minOrderQty),
    minNotionalQuote: positiveOf(lot.minOrderAmt),
    tradable: row.status === "Trading",
  };
}

export const instruments: InstrumentList = {
  path: "/v5/market/instruments-info?category=spot&limit=1000",
  parse(body) {
    const answer = parseBody(VENUE, body);
    if (isObject(answer) && answer.retCode !== undefined && answer.retCode !== 0) {
      throw new ListingError(
        VENUE,
        `The venue answers ${reasonOf(answer.retCode, "?")} ${reasonOf(answer.retMsg, "")}`,
      );
    }
    const list = isObject(answer) && isObject(answer.result) ? answer.result.list : undefined;
    if (!Array.isArray(list)) throw new ListingError(VENUE, "There is no result.list", body);
    return onePerSymbol(VENUE, list.map(instrument));
  },
  venueSymbol: (symbol) => symbol.replace("-", ""),
};
