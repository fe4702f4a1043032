/** Gate.io v4 spot: its instrument list. Source: https://www.gate.com/docs/developers/apiv4/#list-all-currency-pairs-supported */
import type { Instrument } from "../../../core/domain/instrument.ts";
import { isObject, reasonOf } from "../_base/json.ts";
import {
  canonicalSymbol,
  ListingError,
  onePerSymbol,
  parseBody,
  positiveOf,
  stepOf,
} from "../_base/listing.ts";
import type { InstrumentList } from "../_base/venue.ts";

const VENUE = "gateio";

function instrument(row: unknown): Instrument | undefined {
  if (!isObject(row) || typeof row.id !== "string") return undefined;
  const symbol = canonicalSymbol(row.base, row.quote);
  if (symbol === undefined) return undefined;
  return {
    symbol,
    venueSymbol: row.id,
    // Both are counts of decimals, not steps.
    tickSize: stepOf(row.precision),
    lotSize: stepOf(row.amount_precision),
    minSizeBase: positiveOf(row.min_base_amount),
    minNotionalQuote: positiveOf(row.min_quote_amount),
    // The others are untradable, sellable and buyable: one side or none.
    tradable: row.trade_status === "tradable",
  };
}

export const instruments: InstrumentList = {
  path: "/api/v4/spot/currency_pairs",
  parse(body) {
    const list = parseBody(VENUE, body);
    if (isObject(list) && typeof list.label === "string") {
      throw new ListingError(VENUE, `The venue answers ${list.label} ${reasonOf(list.message, "")}`);
    }
    if (!Array.isArray(list)) throw new ListingError(VENUE, "It is not a list", body);
    return onePerSymbol(VENUE, list.map(instrument));
  },
  venueSymbol: (symbol) => symbol.replace("-", "_"),
};
