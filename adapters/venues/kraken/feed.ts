/** Kraken v2 spot: how to speak to it. */
import type { Venue } from "../_base/venue.ts";
import { checksum } from "./checksum.ts";
import { instruments } from "./instruments.ts";
import { map, topicOf } from "./mapper.ts";

/** Nothing promises that the ticker fires when only a size changes, so best sizes come from the smallest book. */
const CHANNEL = "book";
const DEPTH = 10;

function request(method: string, topics: readonly string[], requestId: string): string {
  const symbol = topics.map((topic) => topic.slice(CHANNEL.length + 1));
  // Unsubscribing must name the same depth; a snapshot is for subscribing only.
  const snapshot = method === "subscribe" ? { snapshot: true } : {};
  return JSON.stringify({
    method,
    params: { channel: CHANNEL, symbol, depth: DEPTH, ...snapshot },
    req_id: Number(requestId),
  });
}

export const kraken: Venue = {
  id: "kraken",
  wsUrl: "wss://ws.kraken.com/v2",
  restUrl: "https://api.kraken.com",
  limits: {
    // None is published for topics and requests; kept low.
    topicsPerRequest: 50,
    charactersPerRequest: 4_000,
    topicsPerConnection: 200,
    requestsPerSecond: 5,
    // 150 attempts in ten minutes are allowed.
    connectsPerMinute: 12,
  },
  topic: (venueSymbol) => topicOf(CHANNEL, venueSymbol),
  subscribe: (topics, requestId) => request("subscribe", topics, requestId),
  unsubscribe: (topics, requestId) => request("unsubscribe", topics, requestId),
  // The venue sends a heartbeat every second once something is subscribed and closes after a minute of nothing.
  ping: {
    everyMs: 30_000,
    frame: (requestId) => JSON.stringify({ method: "ping", req_id: Number(requestId) }),
  },
  topicSilenceMs: null,
  checksum,
  map,
  instruments,
};
