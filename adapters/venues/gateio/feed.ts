/** Gate.io v4 spot: how to speak to it. */
import type { Venue } from "../_base/venue.ts";
import { instruments } from "./instruments.ts";
import { map, topicOf } from "./mapper.ts";
import { orderBookPath, orderBookSnapshot } from "./snapshot.ts";

/** Best bid and ask with sizes as they change. `spot.tickers` has no sizes. */
const CHANNEL = "spot.book_ticker";

function seconds(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

function request(event: string, topics: readonly string[], requestId: string, nowMs: number): string {
  const payload = topics.map((topic) => topic.slice(CHANNEL.length + 1));
  return JSON.stringify({ time: seconds(nowMs), id: Number(requestId), channel: CHANNEL, event, payload });
}

export const gateio: Venue = {
  id: "gateio",
  wsUrl: "wss://api.gateio.ws/ws/v4/",
  restUrl: "https://api.gateio.ws",
  // None is published; hundreds of pairs on a socket are known to work. Kept low, because one bad pair refuses all
  // pairs of its request.
  limits: {
    topicsPerRequest: 20,
    charactersPerRequest: 4_000,
    topicsPerConnection: 300,
    requestsPerSecond: 5,
    connectsPerMinute: 30,
  },
  topic: (venueSymbol) => topicOf(CHANNEL, venueSymbol),
  subscribe: (topics, requestId, nowMs) => request("subscribe", topics, requestId, nowMs),
  unsubscribe: (topics, requestId, nowMs) => request("unsubscribe", topics, requestId, nowMs),
  // The venue sends no pings and closes after 30 to 60 s of silence.
  ping: {
    everyMs: 15_000,
    frame: (requestId, nowMs) =>
      JSON.stringify({ time: seconds(nowMs), id: Number(requestId), channel: "spot.ping" }),
  },
  topicSilenceMs: null,
  base: { path: orderBookPath, parse: orderBookSnapshot },
  map,
  instruments,
};
