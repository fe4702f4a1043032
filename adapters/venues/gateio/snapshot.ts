/**
 * Gate.io v4: the REST order book as the base of `spot.order_book_update`, from
 * `GET /api/v4/spot/order_book?currency_pair=BTC_USDT&limit=100&with_id=true`. Its `id` is the last update in it:
 * changes up to it are dropped, the next must reach beyond it.
 */
import { levelsOf, malformed, parseObject, wholeOf } from "../_base/json.ts";
import type { VenueEvent } from "../_base/venue.ts";
import { topicOf } from "./mapper.ts";

/** The body of the answer for one pair; the body itself does not name it. */
export function orderBookSnapshot(venueSymbol: string, body: string): VenueEvent {
  const book = parseObject(body);
  const bids = levelsOf(book?.bids);
  const asks = levelsOf(book?.asks);
  const sequence = wholeOf(book?.id);
  if (bids === undefined || asks === undefined || sequence === undefined) {
    return malformed(`The order book of ${venueSymbol} over REST has no levels or no id`);
  }
  return {
    kind: "snapshot",
    venueSymbol,
    topic: topicOf("spot.order_book_update", venueSymbol),
    bids,
    asks,
    sequence,
    depth: 100,
    checksum: null,
    exchangeTime: wholeOf(book?.update) ?? null,
  };
}
