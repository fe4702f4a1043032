/**
 * Gate.io v4: what its frames mean. Futures frames have the same shape under another prefix, both are understood.
 * Rules: https://www.gate.com/docs/developers/apiv4/ws/en/
 */
import {
  isDecimal,
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
import type { Emit, Level, Mapper } from "../_base/venue.ts";

/** `spot.book_ticker:BTC_USDT`; for obu the name is the venue's stream, `spot.obu:ob.BTC_USDT.50`. */
export function topicOf(channel: string, name: string): string {
  return `${channel}:${name}`;
}

export const map: Mapper = (frame, emit) => {
  const message = parseObject(frame);
  if (message === undefined) return emit(malformed("Not a JSON object"));
  const { channel, event, result } = message;
  if (typeof channel !== "string") return emit(malformed("No channel"));
  const name = channel.slice(channel.indexOf(".") + 1);
  if (name === "pong") return emit({ kind: "alive" });
  if (event === "subscribe" || isObject(message.error)) return answer(channel, name, message, emit);
  // An unsubscription changes nothing that is waited for, and its frame proves that the connection lives.
  if (event === "unsubscribe") return emit({ kind: "alive" });
  if (!isRead(name)) return;
  if (!isObject(result)) return emit(malformed(`No result in ${channel}`));
  READERS[name](channel, result, message, emit);
};

type Reader = (channel: string, result: JsonObject, message: JsonObject, emit: Emit) => void;

/** By channel name without its prefix. */
const READERS = {
  book_ticker(channel, result, _message, emit) {
    const s = nameOf(result.s);
    const bid = sideOf(result.b, result.B);
    const ask = sideOf(result.a, result.A);
    if (s === undefined || bid === undefined || ask === undefined) {
      return emit(malformed(`No name or no prices in ${channel}`));
    }
    const exchangeTime = wholeOf(result.t) ?? null;
    emit({ kind: "top", venueSymbol: s, topic: topicOf(channel, s), bid, ask, exchangeTime });
  },

  /** Prices without sizes: the size is left empty, so that no quote can be made of them. The time is the envelope's. */
  tickers(channel, result, message, emit) {
    const pair = nameOf(result.currency_pair);
    const bid = priceOnly(result.highest_bid);
    const ask = priceOnly(result.lowest_ask);
    if (pair === undefined || bid === undefined || ask === undefined) {
      return emit(malformed(`No name or no prices in ${channel}`));
    }
    const seconds = wholeOf(message.time);
    const exchangeTime = wholeOf(message.time_ms) ?? (seconds === undefined ? null : seconds * 1000);
    emit({ kind: "top", venueSymbol: pair, topic: topicOf(channel, pair), bid, ask, exchangeTime });
  },

  /** `s` is the stream, `ob.BTC_USDT.50`. Most frames carry no level and still move the sequence on. */
  obu(channel, result, _message, emit) {
    const stream = typeof result.s === "string" ? /^ob\.(.+)\.(\d+)$/.exec(result.s) : null;
    if (stream === null) return emit(malformed(`No stream name in ${channel}`));
    changes(topicOf(channel, stream[0]), stream[1]!, Number(stream[2]), result, emit, false);
  },

  /** Increments on a book that is read over REST, see `snapshot.ts`. The socket keeps 100 levels. */
  order_book_update(channel, result, _message, emit) {
    const s = nameOf(result.s);
    if (s === undefined) return emit(malformed(`No name in ${channel}`));
    changes(topicOf(channel, s), s, 100, result, emit, true);
  },

  /** A whole book every time, although the event is called update. */
  order_book(channel, result, _message, emit) {
    const s = nameOf(result.s);
    const bids = levelsOf(result.bids);
    const asks = levelsOf(result.asks);
    if (s === undefined || bids === undefined || asks === undefined) {
      return emit(malformed(`No name or no levels in ${channel}`));
    }
    emit({
      kind: "snapshot",
      venueSymbol: s,
      topic: topicOf(channel, s),
      bids,
      asks,
      sequence: wholeOf(result.lastUpdateId) ?? null,
      depth: null,
      checksum: null,
      exchangeTime: wholeOf(result.t) ?? null,
    });
  },
} satisfies Record<string, Reader>;

function isRead(name: string): name is keyof typeof READERS {
  return Object.hasOwn(READERS, name);
}

/**
 * A full book or a change of one. A change covers the updates `U` to `u`. Self-contained books must go on at exactly
 * `U`; on a base from REST the first change may begin before it, as long as it reaches beyond it (`overlaps`).
 */
function changes(
  topic: string,
  venueSymbol: string,
  depth: number,
  result: JsonObject,
  emit: Emit,
  overlaps: boolean,
): void {
  const bids = levelsOf(result.b ?? []);
  const asks = levelsOf(result.a ?? []);
  const sequence = wholeOf(result.u);
  if (bids === undefined || asks === undefined || sequence === undefined) {
    return emit(malformed(`No levels or no sequence number in ${topic}`));
  }
  const exchangeTime = wholeOf(result.t) ?? null;
  const common = { venueSymbol, topic, bids, asks, sequence, checksum: null, exchangeTime };
  if (result.full === true) return emit({ kind: "snapshot", depth, ...common });
  const first = wholeOf(result.U);
  if (first === undefined || first > sequence) return emit(malformed(`No update range in ${topic}`));
  emit({ kind: "delta", followsFrom: first - 1, followsTo: overlaps ? sequence - 1 : first - 1, ...common });
}

function priceOnly(price: unknown): Level | null | undefined {
  if (price === null || price === "") return null;
  return isDecimal(price) ? [price, ""] : undefined;
}

/**
 * An answer is for a whole request. It has our id; the venue's white labels leave it out and repeat the payload
 * instead. A pair that does not exist can be accepted and stay silent.
 */
function answer(channel: string, name: string, message: JsonObject, emit: Emit): void {
  const { error, result } = message;
  const requestId = requestIdOf(message.id);
  const topics = requestId === null ? topicsOf(channel, name, message.payload) : [];
  if (isObject(error) || (isObject(result) && result.status === "fail")) {
    const code = isObject(error) ? `${reasonOf(error.code, "No code")} ` : "";
    const reason = code + reasonOf(isObject(error) ? error.message : undefined, "No reason given");
    // One bad pair refuses all, so only a request for a single one says which.
    emit({ kind: "refused", requestId, topic: topics.length === 1 ? topics[0]! : null, reason });
  } else if (isObject(result) && result.status === "success") {
    if (topics.length === 0) emit({ kind: "accepted", requestId, topic: null });
    for (const topic of topics) emit({ kind: "accepted", requestId, topic });
  } else emit(malformed(`Neither accepted nor refused in ${channel}`));
}

/** The topics of a payload. The two diff channels take one pair and then their settings, the others a list. */
function topicsOf(channel: string, name: string, payload: unknown): string[] {
  if (!Array.isArray(payload)) return [];
  const names = name === "order_book" || name === "order_book_update" ? payload.slice(0, 1) : payload;
  return names.filter((one) => typeof one === "string").map((one) => topicOf(channel, one));
}
