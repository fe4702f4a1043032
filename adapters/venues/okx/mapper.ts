/** OKX v5: what its public frames mean. Rules: https://www.okx.com/docs-v5/en/#order-book-trading-market-data */
import {
  isObject,
  type JsonObject,
  levelsOf,
  malformed,
  nameOf,
  parseObject,
  reasonOf,
  requestIdOf,
  sideOf,
  wholeOf,
} from "../_base/json.ts";
import type { Emit, Mapper } from "../_base/venue.ts";

/** Levels a side of the channels that carry a book. */
const DEPTHS: ReadonlyMap<string, number> = new Map([
  ["books", 400],
  ["books5", 5],
  ["books-l2-tbt", 400],
  ["books50-l2-tbt", 50],
]);

export function topicOf(channel: string, instId: string): string {
  return `${channel}:${instId}`;
}

export const map: Mapper = (frame, emit) => {
  // The heartbeat is four letters of text, not JSON.
  if (frame === "pong" || frame === "ping") return emit({ kind: "alive" });
  const message = parseObject(frame);
  if (message === undefined) return emit(malformed("Not a JSON object"));
  if (message.event !== undefined) return answer(message, emit);
  const { arg, data } = message;
  if (!isObject(arg) || typeof arg.channel !== "string" || !Array.isArray(data)) {
    return emit(malformed("Neither an event nor data of a channel"));
  }
  const { channel } = arg;
  const depth = DEPTHS.get(channel);
  if (channel !== "bbo-tbt" && channel !== "tickers" && depth === undefined) return;
  const instId = nameOf(arg.instId);
  if (instId === undefined) return emit(malformed(`No instId in ${channel}`));
  const topic = topicOf(channel, instId);
  for (const item of data) {
    if (!isObject(item)) emit(malformed(`Data of ${topic} is not an object`));
    else if (channel === "bbo-tbt") bestBidOffer(topic, instId, item, emit);
    else if (channel === "tickers") ticker(topic, instId, item, emit);
    else book(topic, instId, depth ?? null, message.action, item, emit);
  }
};

function bestBidOffer(topic: string, venueSymbol: string, item: JsonObject, emit: Emit): void {
  const bids = levelsOf(item.bids);
  const asks = levelsOf(item.asks);
  if (bids === undefined || asks === undefined) return emit(malformed(`Not levels in ${topic}`));
  const exchangeTime = wholeOf(item.ts) ?? null;
  emit({ kind: "top", venueSymbol, topic, bid: bids[0] ?? null, ask: asks[0] ?? null, exchangeTime });
}

function ticker(topic: string, venueSymbol: string, item: JsonObject, emit: Emit): void {
  const bid = sideOf(item.bidPx, item.bidSz);
  const ask = sideOf(item.askPx, item.askSz);
  if (bid === undefined || ask === undefined) return emit(malformed(`Not prices in ${topic}`));
  emit({ kind: "top", venueSymbol, topic, bid, ask, exchangeTime: wholeOf(item.ts) ?? null });
}

/**
 * `books5` has no action, every frame is whole. The others chain by `prevSeqId`; recordings of 2022 have no sequence
 * numbers, they had a live checksum. A checksum of 0 is none.
 */
function book(
  topic: string,
  venueSymbol: string,
  depth: number | null,
  action: unknown,
  item: JsonObject,
  emit: Emit,
): void {
  const bids = levelsOf(item.bids);
  const asks = levelsOf(item.asks);
  if (bids === undefined || asks === undefined) return emit(malformed(`Not levels in ${topic}`));
  const crc = wholeOf(item.checksum ?? 0);
  const sequence = item.seqId === undefined ? null : wholeOf(item.seqId);
  if (crc === undefined || sequence === undefined) {
    return emit(malformed(`Checksum or seqId is not a number in ${topic}`));
  }
  const checksum = crc === 0 ? null : crc;
  const exchangeTime = wholeOf(item.ts) ?? null;
  if (action === "snapshot" || action === undefined) {
    emit({ kind: "snapshot", venueSymbol, topic, bids, asks, sequence, depth, checksum, exchangeTime });
  } else if (action === "update") {
    const previous = wholeOf(item.prevSeqId) ?? null;
    if (sequence !== null && previous === null) return emit(malformed(`No prevSeqId in ${topic}`));
    emit({
      kind: "delta",
      venueSymbol,
      topic,
      bids,
      asks,
      followsFrom: previous,
      followsTo: previous,
      sequence,
      checksum,
      exchangeTime,
    });
  } else emit(malformed(`Neither snapshot nor update in ${topic}`));
}

/** An acknowledgement comes for every argument. An error names its argument inside the text only. */
function answer(message: JsonObject, emit: Emit): void {
  const { event, arg } = message;
  const requestId = requestIdOf(message.id);
  const topic = isObject(arg) && typeof arg.channel === "string" && typeof arg.instId === "string"
    ? topicOf(arg.channel, arg.instId)
    : null;
  if (event === "subscribe") {
    emit(topic === null ? malformed("Accepted, but not what") : { kind: "accepted", requestId, topic });
  } else if (event === "error") {
    const reason = reasonOf(message.msg, "No reason given");
    const named = /channel:([^\s,]+),\s*instId:([^\s,]+)/.exec(reason);
    emit({
      kind: "refused",
      requestId,
      topic: named === null ? topic : topicOf(named[1]!, named[2]!),
      reason: `${reasonOf(message.code, "No code")} ${reason}`,
    });
  } else if (event === "channel-conn-count-error") {
    emit({ kind: "refused", requestId, topic, reason: "Too many connections subscribe this channel" });
  } else if (event === "notice" && reasonOf(message.code, "") === "64008") {
    emit({ kind: "closing", reason: reasonOf(message.msg, "The venue is about to close the connection") });
  } else if (typeof event === "string") emit({ kind: "alive" });
  else emit(malformed("The event is not text"));
}
