/**
 * Gate.io v4: the REST order book as the base of `spot.order_book_update`. Its `id` is the last update in it: changes
 * up to it are dropped, the next must reach beyond it.
 */
import { levelsOf, malformed, parseObject, wholeOf } from "../_base/json.ts";
import type { VenueEvent } from "../_base/venue.ts";
import { topicOf } from "./mapper.ts";

const CHANNEL = "spot.order_book_update";

/** Where the base of a topic is read. Books above 100 levels are answered out of a cache that is minutes old. */
export function orderBookPath(topic: string, venueSymbol: string): string | null {
  if (topic !== topicOf(CHANNEL, venueSymbol)) return null;
  return `/api/v4/spot/order_book?currency_pair=${encodeURIComponent(venueSymbol)}&limit=100&with_id=true`;
}

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
    topic: topicOf(CHANNEL, venueSymbol),
    bids,
    asks,
    sequence,
    depth: 100,
    checksum: null,
    exchangeTime: wholeOf(book?.update) ?? null,
  };
}
