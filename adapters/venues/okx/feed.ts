/** OKX v5 spot: how to speak to it. */
import type { Venue } from "../_base/venue.ts";
import { checksum } from "./checksum.ts";
import { instruments } from "./instruments.ts";
import { map, topicOf } from "./mapper.ts";

/** Full replacement every 10 ms where something changed; no login, no checksum. */
const CHANNEL = "bbo-tbt";

function request(op: string, topics: readonly string[], requestId: string): string {
  const args = topics.map((topic) => ({ channel: CHANNEL, instId: topic.slice(CHANNEL.length + 1) }));
  return JSON.stringify({ id: requestId, op, args });
}

export const okx: Venue = {
  id: "okx",
  wsUrl: "wss://ws.okx.com:8443/ws/v5/public",
  restUrl: "https://www.okx.com",
  limits: {
    // 64 KB of arguments and 480 requests an hour are allowed; the number of topics is not limited.
    topicsPerRequest: 50,
    charactersPerRequest: 16_000,
    topicsPerConnection: 400,
    requestsPerSecond: 2,
    // Three a second are allowed.
    connectsPerMinute: 60,
  },
  topic: (venueSymbol) => topicOf(CHANNEL, venueSymbol),
  subscribe: (topics, requestId) => request("subscribe", topics, requestId),
  unsubscribe: (topics, requestId) => request("unsubscribe", topics, requestId),
  // The venue closes after 30 s without a frame or a ping.
  ping: { everyMs: 20_000, frame: () => "ping" },
  topicSilenceMs: null,
  checksum,
  map,
  instruments,
};
