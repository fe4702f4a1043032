/** Bybit v5 spot: how to speak to it. */
import type { Venue } from "../_base/venue.ts";
import { instruments } from "./instruments.ts";
import { map } from "./mapper.ts";

function request(op: string, args: readonly string[], requestId: string): string {
  return JSON.stringify({ op, args, req_id: requestId });
}

export const bybit: Venue = {
  id: "bybit",
  wsUrl: "wss://stream.bybit.com/v5/public/spot",
  restUrl: "https://api.bybit.com",
  limits: {
    topicsPerRequest: 10,
    // All arguments of a connection together may have 21,000 characters; 500 topics stay below it.
    charactersPerRequest: 21_000,
    topicsPerConnection: 500,
    // Not documented; kept low.
    requestsPerSecond: 5,
    // 500 in five minutes are allowed.
    connectsPerMinute: 60,
  },
  // The best price and size as they change, at most every 10 ms. The spot ticker has no bid and ask.
  topic: (venueSymbol) => `orderbook.1.${venueSymbol}`,
  subscribe: (topics, requestId) => request("subscribe", topics, requestId),
  unsubscribe: (topics, requestId) => request("unsubscribe", topics, requestId),
  ping: { everyMs: 20_000, frame: (requestId) => JSON.stringify({ op: "ping", req_id: requestId }) },
  // An unchanged best price is repeated after three seconds, so five missed repetitions mean that the topic is dead.
  topicSilenceMs: 15_000,
  map,
  instruments,
};
