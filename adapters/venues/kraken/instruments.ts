/** Kraken spot: its instrument list. Source: https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs */
import type { Instrument } from "../../../core/domain/instrument.ts";
import { isObject } from "../_base/json.ts";
import {
  canonicalSymbol,
  ListingError,
  onePerSymbol,
  parseBody,
  positiveOf,
  stepOf,
} from "../_base/listing.ts";
import type { InstrumentList } from "../_base/venue.ts";

const VENUE = "kraken";

/** Two coins have names of their own in the list; the v2 socket uses the common ones and refuses these. */
const COMMON_NAMES: Readonly<Record<string, string>> = { XBT: "BTC", XDG: "DOGE" };

function common(name: string): string {
  return Object.hasOwn(COMMON_NAMES, name) ? COMMON_NAMES[name]! : name;
}

function instrument(row: unknown): Instrument | undefined {
  // `wsname` is `XBT/USD`; the fields base and quote have prefixes, `XXBT` and `ZUSD`. Dark pools have no wsname.
  if (!isObject(row) || typeof row.wsname !== "string") return undefined;
  const [base, quote, more] = row.wsname.split("/");
  if (base === undefined || quote === undefined || more !== undefined) return undefined;
  const symbol = canonicalSymbol(common(base), common(quote));
  if (symbol === undefined) return undefined;
  return {
    symbol,
    venueSymbol: `${common(base)}/${common(quote)}`,
    tickSize: positiveOf(row.tick_size) ?? stepOf(row.pair_decimals),
    lotSize: stepOf(row.lot_decimals),
    minSizeBase: positiveOf(row.ordermin),
    minNotionalQuote: positiveOf(row.costmin),
    // The others are cancel_only, post_only, limit_only and reduce_only. Lists before 2022 had no status.
    tradable: row.status === undefined || row.status === "online",
  };
}

export const instruments: InstrumentList = {
  path: "/0/public/AssetPairs",
  parse(body) {
    const answer = parseBody(VENUE, body);
    if (isObject(answer) && Array.isArray(answer.error) && answer.error.length > 0) {
      throw new ListingError(VENUE, `The venue answers ${JSON.stringify(answer.error)}`);
    }
    const pairs = isObject(answer) ? answer.result : undefined;
    if (!isObject(pairs)) throw new ListingError(VENUE, "There is no result", body);
    return onePerSymbol(VENUE, Object.values(pairs).map(instrument));
  },
  venueSymbol: (symbol) => symbol.replace("-", "/"),
};
