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
import type { Emit, Mapper } from "../_base/venue.ts";

const BOOK = "orderbook.";

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;

/**
 * The frame that comes all the time, `orderbook.1` with both sides, exactly as the venue writes it. Taking it apart by
 * this pattern costs a third of `JSON.parse`. Whatever deviates, be it a blank or another order of keys, does not match
 * and goes the general way, to the same event.
 */
const BEST = new RegExp(
  String.raw`^\{"topic":"(orderbook\.1\.([^"\\]+))","ts":\d{1,15},"type":"snapshot","data":` +
    String.raw`\{"s":"[^"\\]*","b":\[\["${NUMBER}","${NUMBER}"\]\],"a":\[\["${NUMBER}","${NUMBER}"\]\],` +
    String.raw`"u":(\d{1,15}),"seq":\d{1,15}\},"cts":(\d{1,15})\}$`,
);

export const map: Mapper = (frame, emit) => {
  const best = BEST.exec(frame);
  if (best !== null) {
    return emit({
      kind: "snapshot",
      venueSymbol: best[2]!,
      topic: best[1]!,
      bids: [[best[3]!, best[4]!]],
      asks: [[best[5]!, best[6]!]],
      sequence: Number(best[7]),
      depth: 1,
      checksum: null,
      exchangeTime: Number(best[8]),
    });
  }
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
  const sequence = wholeOf(data?.u);
  if (bids === undefined || asks === undefined || sequence === undefined) {
    return emit(malformed(`No levels or no sequence number in ${topic}`));
  }
  // cts is the matching engine's time; older frames have the time of publishing only.
  const exchangeTime = wholeOf(message.cts) ?? wholeOf(message.ts) ?? null;
  const common = { venueSymbol, topic, bids, asks, sequence, checksum: null, exchangeTime };
  if (type === "snapshot" || sequence === 1) emit({ kind: "snapshot", depth, ...common });
  else if (type === "delta") {
    emit({ kind: "delta", followsFrom: sequence - 1, followsTo: sequence - 1, ...common });
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
