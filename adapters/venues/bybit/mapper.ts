/** Bybit v5 spot: what its frames mean. Rules: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook */
import {
  type JsonObject,
  levelsOf,
  malformed,
  parseObject,
  reasonOf,
  requestIdOf,
  wholeOf,
} from "../_base/json.ts";
import type { Mapper, VenueEvent } from "../_base/venue.ts";

type Emit = (event: VenueEvent) => void;

const BOOK = "orderbook.";

export const map: Mapper = (frame, emit) => {
  const message = parseObject(frame);
  if (message === undefined) return emit(malformed("Not a JSON object"));
  const { topic } = message;
  if (typeof topic !== "string") return answer(message, emit);
  if (topic.startsWith(BOOK)) book(topic, message, emit);
};

/**
 * `orderbook.{depth}.{symbol}`. The symbol is the topic's: on white-label hosts `data.s` may differ. `orderbook.1`
 * comes as snapshots, until 2024 it had one-sided deltas as well. `u` grows by one; 1 marks a restart of the service,
 * that frame is a snapshot whatever its type says.
 */
function book(topic: string, message: JsonObject, emit: Emit): void {
  const dot = topic.indexOf(".", BOOK.length);
  const depth = Number(topic.slice(BOOK.length, dot));
  const venueSymbol = topic.slice(dot + 1);
  // orderbook.rpi and orderbook.full are other products.
  if (dot < 0 || venueSymbol === "" || !(depth >= 1)) return;
  const { type } = message;
  const data = message.data as JsonObject | null | undefined;
  const bids = levelsOf(data?.b);
  const asks = levelsOf(data?.a);
  const u = wholeOf(data?.u);
  if (bids === undefined || asks === undefined || u === undefined) {
    return emit(malformed(`No levels or no sequence number in ${topic}`));
  }
  const sequence = u;
  // cts is the matching engine's time; older frames have the time of publishing only.
  const exchangeTime = wholeOf(message.cts) ?? wholeOf(message.ts) ?? null;
  if (type === "snapshot" || u === 1) {
    emit({
      kind: "snapshot",
      venueSymbol,
      topic,
      bids,
      asks,
      sequence,
      depth,
      checksum: null,
      exchangeTime,
    });
  } else if (type === "delta") {
    emit({
      kind: "delta",
      venueSymbol,
      topic,
      bids,
      asks,
      followsFrom: u - 1,
      followsTo: u - 1,
      sequence,
      checksum: null,
      exchangeTime,
    });
  } else emit(malformed(`Neither snapshot nor delta in ${topic}`));
}

/** An answer names the request only: one bad topic refuses all of them. A pong says so in `op` or in `ret_msg`. */
function answer(message: JsonObject, emit: Emit): void {
  const { op, success } = message;
  if (op === "ping" || op === "pong" || message.ret_msg === "pong") return emit({ kind: "alive" });
  const requestId = requestIdOf(message.req_id);
  if (op === "subscribe" && success === true) return emit({ kind: "accepted", requestId, topic: null });
  // An unsubscription changes nothing that is waited for, and its frame proves that the connection lives.
  if (op === "unsubscribe") return emit({ kind: "alive" });
  if (success !== false) return emit(malformed("Neither a topic nor an answer"));
  const reason = reasonOf(message.ret_msg, "No reason given");
  const known = /already subscribed,\s*topic:\s*(\S+)/.exec(reason)?.[1];
  if (known !== undefined) emit({ kind: "accepted", requestId: null, topic: known });
  emit({ kind: "refused", requestId, topic: null, reason });
}
