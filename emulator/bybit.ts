/** Bybit v5 public spot: `orderbook.1`, `.50`, `.200`, `.1000` over WebSocket, the instrument list over REST. */
import { BestStream, DepthStream } from "./bybit_streams.ts";
import type { Client } from "./client.ts";
import { trimmed } from "./decimal.ts";
import { type Listed, type VenueOptions, VenueServer } from "./server.ts";

const DEPTHS: ReadonlySet<string> = new Set(["1", "50", "200", "1000"]);
const MOST_ARGS = 10;
/** Of the arguments of all subscriptions of a connection. */
const MOST_CHARACTERS = 21_000;
/** A client that says nothing for so long is cut. */
const IDLE_MS = 600_000;

interface Request {
  op: string;
  req_id: string | undefined;
  args: readonly string[];
}

export class BybitServer extends VenueServer {
  constructor(options: VenueOptions, listed: readonly Listed[]) {
    super("bybit", "/v5/public/spot", options, listed);
  }

  protected override received(client: Client, text: string, now: number): void {
    const request = parse(text);
    if (request === undefined) {
      return this.#answer(client, { op: "", req_id: undefined, args: [] }, "Request parameter error", now);
    }
    if (request.op === "ping") return this.#answer(client, request, undefined, now);
    const problem = this.#problem(client, request);
    this.#answer(client, request, problem, now);
    if (problem !== undefined) return;
    for (const key of request.args) {
      if (request.op === "subscribe") this.#subscribe(client, key, now);
      else if (this.unsubscribe(client, key)) client.argumentCharacters -= key.length;
    }
  }

  #subscribe(client: Client, key: string, now: number): void {
    const { depth, item } = this.#topic(key)!;
    const Stream = depth === 1 ? BestStream : DepthStream;
    const topic = this.subscribe(client, key, item, (ladder) => new Stream(key, item, ladder, depth));
    client.argumentCharacters += key.length;
    this.sayFirst(client, topic, now);
  }

  /** Why the whole request is refused: one bad topic costs the others. */
  #problem(client: Client, { op, args }: Request): string | undefined {
    if (op !== "subscribe" && op !== "unsubscribe") return `error:unknown op,op:${op}`;
    if (args.length === 0) return "Request parameter error";
    if (args.length > MOST_ARGS) return `args size >${MOST_ARGS}`;
    const characters = args.reduce((sum, key) => sum + key.length, client.argumentCharacters);
    if (op === "subscribe" && characters > MOST_CHARACTERS) return `args length >${MOST_CHARACTERS}`;
    for (const [at, key] of args.entries()) {
      const [channel, depth] = key.split(".");
      if (channel !== "orderbook" || !DEPTHS.has(depth!)) return `error:handler not found,topic:${key}`;
      if (this.#topic(key) === undefined) return `Invalid symbol :[${key}]`;
      const again = this.subscribed(client, key) || args.indexOf(key) < at;
      if (op === "subscribe" && again) return `error:already subscribed,topic:${key}`;
    }
    return undefined;
  }

  #topic(key: string): { depth: number; item: Listed } | undefined {
    const [, depth, ...name] = key.split(".");
    const item = this.listed.get(name.join("."));
    return item === undefined ? undefined : { depth: Number(depth), item };
  }

  /** `req_id` comes back only where it was sent; a pong keeps `op` as `ping`. */
  #answer(client: Client, { op, req_id }: Request, problem: string | undefined, now: number): void {
    const ret_msg = problem ?? (op === "ping" ? "pong" : op);
    const conn_id = `${client.id}kn0ine3iqmjc30-${client.id.slice(0, 4)}`;
    const id = req_id === undefined ? {} : { req_id };
    this.say(client, JSON.stringify({ success: problem === undefined, ret_msg, conn_id, ...id, op }), now);
  }

  override housekeep(now: number): void {
    super.housekeep(now);
    for (const client of this.clients) if (now - client.heardAt > IDLE_MS) client.cut();
  }

  protected override rest(url: URL, now: number): unknown {
    if (url.pathname !== "/v5/market/instruments-info") return undefined;
    const time = Math.floor(now);
    const category = url.searchParams.get("category");
    if (category === null) {
      return {
        retCode: 10001,
        retMsg: "params error: Category is invalid",
        result: {},
        retExtInfo: {},
        time,
      };
    }
    const symbol = url.searchParams.get("symbol");
    const list = [...this.listed.values()]
      .filter((item) => category === "spot" && (symbol === null || item.venueSymbol === symbol));
    const result = { nextPageCursor: "", category, list: list.map(instrument) };
    return { retCode: 0, retMsg: "OK", result, retExtInfo: {}, time };
  }
}

function parse(text: string): Request | undefined {
  try {
    const { op, req_id, args = [] } = JSON.parse(text);
    const wellFormed = typeof op === "string" && Array.isArray(args) &&
      args.every((key) => typeof key === "string" || op === "ping");
    return wellFormed ? { op, req_id, args } : undefined;
  } catch {
    return undefined;
  }
}

function instrument({ venueSymbol, base, quote, listing }: Listed): unknown {
  const lot = trimmed(1, listing.sizeDecimals);
  return {
    symbol: venueSymbol,
    baseCoin: base,
    quoteCoin: quote,
    innovation: "0",
    status: "Trading",
    marginTrading: "utaOnly",
    lotSizeFilter: {
      basePrecision: lot,
      quotePrecision: "0.0000001",
      minOrderQty: lot,
      maxOrderQty: "1000000",
      minOrderAmt: "5",
      maxOrderAmt: "4000000",
    },
    priceFilter: { tickSize: trimmed(1, listing.priceDecimals) },
  };
}
