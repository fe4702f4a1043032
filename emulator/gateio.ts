/** Gate v4 spot: book and ticker channels over WebSocket; pairs, currencies and books over REST. */
import { keyOf } from "../adapters/venues/synthetic/noise.ts";
import type { Client } from "./client.ts";
import { hex } from "./endpoint.ts";
import { currencies, currencyPair, orderBook } from "./gateio_rest.ts";
import { BookStream, BookTickerStream, DifferenceStream, ObuStream, TickerStream } from "./gateio_streams.ts";
import type { Ladder } from "./ladder.ts";
import { type Listed, type VenueOptions, VenueServer } from "./server.ts";
import type { Stream } from "./topic.ts";

/** A client that says nothing for so long is cut. */
const IDLE_MS = 60_000;
const BOOK_DEPTHS = ["5", "10", "20", "50", "100"];

interface Request {
  id?: number;
  channel: string;
  event: string;
  payload: string[];
}

interface Fault {
  code: number;
  message: string;
}

/** A topic that a payload asks for. `item` is undefined for a pair that is not listed. */
interface Wanted {
  key: string;
  pair: string;
  item: Listed | undefined;
  make(item: Listed, ladder: Ladder): Stream;
}

export class GateioServer extends VenueServer {
  /** Recorded answers of the REST book by pair, used up one by one, while a recording is replayed. */
  readonly #recordedBooks: ReadonlyMap<string, string[]>;
  #traces = 0;

  constructor(
    options: VenueOptions,
    listed: readonly Listed[],
    recordedBooks?: ReadonlyMap<string, string[]>,
  ) {
    super("gateio", "/ws/v4/", options, listed);
    this.#recordedBooks = recordedBooks ?? new Map();
  }

  protected override received(client: Client, text: string, now: number): void {
    const request = parse(text);
    if (request === undefined) {
      const fault = { code: 1, message: "request payload does not follow json schema" };
      return this.#answer(client, { channel: "", event: "", payload: [] }, fault, now);
    }
    if (request.channel === "spot.ping") return this.#pong(client, request, now);
    const wanted = this.#wanted(client, request);
    if ("code" in wanted) return this.#answer(client, request, wanted, now);
    if (request.event === "unsubscribe") {
      for (const { key } of wanted) this.unsubscribe(client, key);
      return this.#answer(client, request, undefined, now);
    }
    // The full frame of `obu` goes out before the acknowledgement, as recorded.
    const early = request.channel === "spot.obu";
    if (!early) this.#answer(client, request, undefined, now);
    for (const { key, item, make } of wanted) {
      if (item === undefined) continue;
      this.sayFirst(client, this.subscribe(client, key, item, (ladder) => make(item, ladder)), now);
    }
    if (early) this.#answer(client, request, undefined, now);
  }

  /** The topics of a request, or why all of it is refused. */
  #wanted(client: Client, { channel, event, payload }: Request): Wanted[] | Fault {
    const topics = this.#topics(channel, payload);
    if (topics === undefined) return { code: 2, message: `unknown channel ${channel}` };
    if (topics.length === 0) return { code: 1, message: "request payload does not follow json schema" };
    if (event === "unsubscribe") return topics;
    for (const { key, pair, item } of topics) {
      if (channel === "spot.obu") {
        // A pair that is not listed is acknowledged here, and never heard of again.
        if (this.subscribed(client, key)) {
          return { code: 2, message: `Alert sub ${key.slice("spot.obu:".length)}` };
        }
      } else if (item === undefined) return { code: 2, message: `unknown currency pair: ${pair}` };
    }
    return topics;
  }

  /** Undefined for an unknown channel, empty for a payload that does not fit. */
  #topics(channel: string, payload: readonly string[]): Wanted[] | undefined {
    const [pair = "", second = "", third = ""] = payload;
    const each = (make: (item: Listed, ladder: Ladder) => Stream) =>
      payload.map((name) => this.#want(channel, name, name, make));
    const one = (fits: boolean, make: (item: Listed, ladder: Ladder) => Stream) =>
      fits ? [this.#want(channel, payload.join(","), pair, make)] : [];
    switch (channel) {
      case "spot.book_ticker":
        return each((item, ladder) => new BookTickerStream(channel, item, ladder, 1));
      case "spot.tickers":
        return each((item, ladder) => new TickerStream(channel, item, ladder, 1));
      case "spot.obu":
        return payload.flatMap((name) => {
          const [, of, depth] = /^ob\.(.+)\.(50|400)$/u.exec(name) ?? [];
          if (of === undefined) return [];
          return [
            this.#want(channel, name, of, (item, ladder) => new ObuStream(name, item, ladder, Number(depth))),
          ];
        });
      case "spot.order_book_update":
        return one(
          payload.length === 2 && ["20ms", "100ms"].includes(second),
          (item, ladder) => new DifferenceStream(channel, item, ladder, 100),
        );
      case "spot.order_book":
        return one(
          payload.length === 3 && BOOK_DEPTHS.includes(second) && ["100ms", "1000ms"].includes(third),
          (item, ladder) => new BookStream(channel, item, ladder, Number(second)),
        );
      default:
        return undefined;
    }
  }

  #want(channel: string, name: string, pair: string, make: Wanted["make"]): Wanted {
    return { key: `${channel}:${name}`, pair, item: this.listed.get(pair), make };
  }

  #answer(
    client: Client,
    { id, channel, event, payload }: Request,
    error: Fault | undefined,
    now: number,
  ): void {
    const trace = this.#trace();
    this.say(
      client,
      JSON.stringify({
        ...this.#times(now),
        ...(id === undefined ? {} : { id }),
        conn_id: client.id.repeat(2),
        trace_id: trace,
        channel,
        event,
        payload,
        ...(error === undefined ? {} : { error }),
        result: { status: error === undefined ? "success" : "fail" },
        requestId: trace,
      }),
      now,
    );
  }

  #pong(client: Client, { id }: Request, now: number): void {
    const head = { ...this.#times(now), ...(id === undefined ? {} : { id }), conn_id: client.id.repeat(2) };
    const tail = { channel: "spot.pong", event: "", result: null, requestId: this.#trace() };
    this.say(client, JSON.stringify({ ...head, ...tail }), now);
  }

  #times(now: number): { time: number; time_ms: number } {
    return { time: Math.floor(now / 1000), time_ms: Math.floor(now) };
  }

  #trace(): string {
    return hex(keyOf(this.seed, "trace", String(++this.#traces))).repeat(4);
  }

  override housekeep(now: number): void {
    super.housekeep(now);
    for (const client of this.clients) if (now - client.heardAt > IDLE_MS) client.cut();
  }

  protected override rest(url: URL, now: number): unknown {
    const pair = url.searchParams.get("currency_pair") ?? "";
    const item = this.listed.get(pair);
    switch (url.pathname.replace("/api/v4", "")) {
      case "/spot/currency_pairs":
        return [...this.listed.values()].map(currencyPair);
      case "/spot/currencies":
        return currencies([...this.listed.values()]);
      case "/margin/currency_pairs":
        return [];
      case "/spot/order_book": {
        const recorded = this.#recordedBooks.get(pair)?.shift();
        if (recorded !== undefined) return JSON.parse(recorded);
        if (this.recording || item?.index === undefined) return undefined;
        return orderBook(item, this.ladders[item.index]!, url.searchParams, now);
      }
      default:
        return undefined;
    }
  }
}

function parse(text: string): Request | undefined {
  try {
    const { id, channel, event = "", payload = [] } = JSON.parse(text);
    const event_ = channel === "spot.ping" || event === "subscribe" || event === "unsubscribe";
    const payload_ = Array.isArray(payload) && payload.every((item) => typeof item === "string");
    if (typeof channel !== "string" || !event_ || !payload_) return undefined;
    return { ...(id === undefined || id === null ? {} : { id }), channel, event, payload };
  } catch {
    return undefined;
  }
}
