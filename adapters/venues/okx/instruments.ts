/** OKX v5 spot: its instrument list. Source: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments */
import type { Instrument } from "../../../core/domain/instrument.ts";
import { isObject, reasonOf } from "../_base/json.ts";
import { canonicalSymbol, ListingError, onePerSymbol, parseBody, positiveOf } from "../_base/listing.ts";
import type { InstrumentList } from "../_base/venue.ts";

const VENUE = "okx";

function instrument(row: unknown): Instrument | undefined {
  if (!isObject(row) || typeof row.instId !== "string") return undefined;
  const symbol = canonicalSymbol(row.baseCcy, row.quoteCcy);
  if (symbol === undefined) return undefined;
  return {
    symbol,
    venueSymbol: row.instId,
    tickSize: positiveOf(row.tickSz),
    lotSize: positiveOf(row.lotSz),
    minSizeBase: positiveOf(row.minSz),
    minNotionalQuote: null,
    // The others are suspend, preopen and test.
    tradable: row.state === "live",
  };
}

export const instruments: InstrumentList = {
  path: "/api/v5/public/instruments?instType=SPOT",
  parse(body) {
    const answer = parseBody(VENUE, body);
    if (isObject(answer) && answer.code !== undefined && answer.code !== "0") {
      throw new ListingError(
        VENUE,
        `The venue answers ${reasonOf(answer.code, "?")} ${reasonOf(answer.msg, "")}`,
      );
    }
    const list = isObject(answer) ? answer.data : undefined;
    if (!Array.isArray(list)) throw new ListingError(VENUE, "There is no data list", body);
    return onePerSymbol(VENUE, list.map(instrument));
  },
  venueSymbol: (symbol) => symbol,
};
