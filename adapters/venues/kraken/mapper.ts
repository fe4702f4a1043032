/** Kraken v2 spot: what its frames mean. Rules: https://docs.kraken.com/api/docs/websocket-v2/book */
import {
  isDecimal,
  isObject,
  type JsonObject,
  malformed,
  nameOf,
  parseObject,
  reasonOf,
  requestIdOf,
  sideOf,
  wholeOf,
} from "../_base/json.ts";
import type { Emit, Level, Mapper } from "../_base/venue.ts";
import { timeOf } from "./time.ts";

/** The depths that can be subscribed. */
const DEPTHS = [10, 25, 100, 500, 1000] as const;

/**
 * Prices and sizes are JSON numbers, and the checksum is over their text: `0.00044780` must not become `0.0004478`.
 * They are put in quotes before parsing.
 */
const NUMBERS = /"(price|qty|bid|bid_qty|ask|ask_qty)":\s*(-?\d[\d.eE+-]*)/g;

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const LEVEL = String.raw`\{"price":${NUMBER},"qty":${NUMBER}\}`;
const LEVELS = String.raw`\[((?:${LEVEL}(?:,${LEVEL})*)?)\]`;

/**
 * The frame that comes all the time, an update of one book exactly as the venue writes it. Taking it apart by this
 * pattern costs a third of quoting and parsing it. Whatever deviates, be it a blank or another order of keys, does not
 * match and goes the general way, to the same event.
 */
const UPDATE = new RegExp(
  String.raw`^\{"channel":"book","type":"update","data":\[\{"symbol":"([^"\\]+)","bids":${LEVELS},` +
    String.raw`"asks":${LEVELS},"checksum":(\d{1,15}),"timestamp":"([^"\\]*)"\}\]\}$`,
);
const PRICE_AND_SIZE = new RegExp(String.raw`"price":(${NUMBER}),"qty":(${NUMBER})`, "g");

export function topicOf(channel: string, symbol: string): string {
  return `${channel}:${symbol}`;
}

export const map: Mapper = (frame, emit) => {
  const update = UPDATE.exec(frame);
  if (update !== null) {
    return emit({
      kind: "delta",
      venueSymbol: update[1]!,
      topic: topicOf("book", update[1]!),
      bids: levelsIn(update[2]!),
      asks: levelsIn(update[3]!),
      sequence: null,
      followsFrom: null,
      followsTo: null,
      checksum: Number(update[4]),
      exchangeTime: timeOf(update[5]),
    });
  }
  const message = parseObject(frame.replace(NUMBERS, '"$1":"$2"'));
  if (message === undefined) return emit(malformed("Not a JSON object"));
  const { channel, data, method } = message;
  if (typeof method === "string" || message.success === false) return answer(message, emit);
  if (typeof channel !== "string") return emit(malformed("Neither a channel nor a method"));
  if (channel === "heartbeat" || channel === "status") return emit({ kind: "alive" });
  if (channel !== "book" && channel !== "ticker") return;
  if (!Array.isArray(data)) return emit(malformed(`No data in ${channel}`));
  for (const item of data) {
    const symbol = isObject(item) ? nameOf(item.symbol) : undefined;
    if (symbol === undefined) emit(malformed(`No symbol in ${channel}`));
    else if (channel === "ticker") ticker(symbol, item, emit);
    else book(symbol, message.type, item, emit);
  }
};

/** An empty market has prices of 0.0, which make no quote. */
function ticker(venueSymbol: string, item: JsonObject, emit: Emit): void {
  const topic = topicOf("ticker", venueSymbol);
  const bid = sideOf(item.bid, item.bid_qty);
  const ask = sideOf(item.ask, item.ask_qty);
  if (bid === undefined || ask === undefined) return emit(malformed(`Not prices in ${topic}`));
  emit({ kind: "top", venueSymbol, topic, bid, ask, exchangeTime: timeOf(item.timestamp) });
}

/**
 * A book has no sequence numbers, only the checksum. The frame does not state the depth that was subscribed; a
 * snapshot fills it, so it is the smallest depth that holds the snapshot.
 */
function book(venueSymbol: string, type: unknown, item: JsonObject, emit: Emit): void {
  const topic = topicOf("book", venueSymbol);
  const bids = levelsOf(item.bids);
  const asks = levelsOf(item.asks);
  const checksum = wholeOf(item.checksum);
  if (bids === undefined || asks === undefined || checksum === undefined) {
    return emit(malformed(`No levels or no checksum in ${topic}`));
  }
  const exchangeTime = timeOf(item.timestamp);
  const common = { venueSymbol, topic, bids, asks, sequence: null, checksum, exchangeTime };
  if (type === "snapshot") {
    const levels = Math.max(bids.length, asks.length);
    emit({ kind: "snapshot", depth: DEPTHS.find((depth) => depth >= levels) ?? null, ...common });
  } else if (type === "update") {
    emit({ kind: "delta", followsFrom: null, followsTo: null, ...common });
  } else emit(malformed(`Neither snapshot nor update in ${topic}`));
}

/** Levels in the text of a list of them. */
function levelsIn(text: string): Level[] {
  const levels: Level[] = [];
  for (const [, price, size] of text.matchAll(PRICE_AND_SIZE)) levels.push([price!, size!]);
  return levels;
}

function levelsOf(value: unknown): Level[] | undefined {
  if (value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const levels: Level[] = [];
  for (const level of value) {
    if (!isObject(level) || !isDecimal(level.price) || !isDecimal(level.qty)) return undefined;
    levels.push([level.price, level.qty]);
  }
  return levels;
}

/** An answer comes for every symbol. A refusal names the symbol but not the channel: we ask for books only. */
function answer(message: JsonObject, emit: Emit): void {
  const { method, result, success } = message;
  // An unsubscription changes nothing that is waited for, and its frame proves that the connection lives.
  if (method === "pong" || method === "unsubscribe") return emit({ kind: "alive" });
  const requestId = requestIdOf(message.req_id);
  if (success === true && method === "subscribe") {
    const named = isObject(result) && typeof result.channel === "string" && typeof result.symbol === "string";
    const topic = named ? topicOf(result.channel as string, result.symbol as string) : null;
    emit({ kind: "accepted", requestId, topic });
  } else if (success === false) {
    const reason = reasonOf(message.error, "No reason given");
    const named = message.symbol ?? /not supported (\S+\/\S+)/.exec(reason)?.[1];
    const topic = typeof named === "string" ? topicOf("book", named) : null;
    // Asked for twice: the book flows already.
    if (/already subscribed/i.test(reason)) emit({ kind: "accepted", requestId, topic });
    else emit({ kind: "refused", requestId, topic, reason });
  } else emit(malformed("Neither accepted nor refused"));
}
