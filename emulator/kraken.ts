/** Kraken v2 spot: `book` and `ticker` over WebSocket, assets and pairs over REST. */
import { keyOf } from "../adapters/venues/synthetic/noise.ts";
import type { Client } from "./client.ts";
import { trimmed } from "./decimal.ts";
import { assetName, pairName } from "./kraken_names.ts";
import { BookStream, TickerStream, timestamp } from "./kraken_streams.ts";
import { type Listed, type VenueOptions, VenueServer } from "./server.ts";

const DEPTHS = [10, 25, 100, 500, 1000];
const HEARTBEAT_MS = 1_000;
/** A socket without a subscription on which the client says nothing for so long is cut. */
const IDLE_MS = 60_000;
const PRIVATE: ReadonlySet<string> = new Set(["executions", "balances", "level3"]);

interface Params {
  channel?: unknown;
  symbol?: unknown;
  depth?: unknown;
  snapshot?: unknown;
  event_trigger?: unknown;
}

interface Request {
  method: string;
  params?: Params;
  req_id?: number;
}

export class KrakenServer extends VenueServer {
  constructor(options: VenueOptions, listed: readonly Listed[]) {
    super("kraken", "/v2", options, listed);
  }

  protected override opened(client: Client, now: number): void {
    // Above 2^63, as the real ones: neither a double nor a signed integer holds it.
    const id = (1n << 63n) + BigInt(keyOf(this.seed, client.id) >>> 0) * 0x7fff_ffffn;
    this.say(
      client,
      `{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2",` +
        `"connection_id":${id},"upcoming_maintenance":[],"emergency":[]}]}`,
      now,
    );
  }

  protected override received(client: Client, text: string, now: number): void {
    const request = parse(text);
    if (request === undefined) return this.#refuse(client, undefined, "Malformed request", now);
    if (request.method === "ping") {
      const id = request.req_id === undefined ? {} : { req_id: request.req_id };
      return this.say(client, JSON.stringify({ method: "pong", ...id, ...times(now) }), now);
    }
    if (request.method !== "subscribe" && request.method !== "unsubscribe") {
      return this.#refuse(client, request, "Method not supported", now);
    }
    const problem = channelProblem(request.params);
    if (problem !== undefined) return this.#refuse(client, request, problem, now);
    for (const symbol of request.params!.symbol as string[]) this.#one(client, request, symbol, now);
  }

  /** Every symbol is answered for itself. */
  #one(client: Client, request: Request, symbol: string, now: number): void {
    const item = this.listed.get(symbol);
    if (item === undefined) {
      return this.#refuse(client, request, `Currency pair not supported ${symbol}`, now, symbol);
    }
    const { channel, depth = 10, snapshot = true, event_trigger: trigger = "trades" } = request.params!;
    const book = channel === "book";
    const key = book ? `book:${depth}:${symbol}` : `ticker:${trigger}:${symbol}`;
    if (request.method === "unsubscribe") {
      if (!this.unsubscribe(client, key)) {
        return this.#refuse(client, request, "Subscription Not Found", now, symbol);
      }
      return this.#accept(client, request, { channel, ...(book ? { depth } : {}), symbol }, now);
    }
    if (this.subscribed(client, key)) return this.#refuse(client, request, "Already subscribed", now, symbol);
    this.#accept(client, request, { channel, ...(book ? { depth } : {}), snapshot, symbol }, now);
    const topic = this.subscribe(
      client,
      key,
      item,
      (ladder) =>
        book
          ? new BookStream(item, ladder, depth as number)
          : new TickerStream(item, ladder, trigger === "bbo"),
    );
    if (snapshot === true) this.sayFirst(client, topic, now);
  }

  #accept(client: Client, { method, req_id }: Request, result: unknown, now: number): void {
    const id = req_id === undefined ? {} : { req_id };
    this.say(client, JSON.stringify({ method, result, success: true, ...times(now), ...id }), now);
  }

  #refuse(client: Client, request: Request | undefined, error: string, now: number, symbol?: string): void {
    const method = request === undefined ? {} : { method: request.method };
    const about = symbol === undefined ? {} : { symbol };
    const id = request?.req_id === undefined ? {} : { req_id: request.req_id };
    this.say(
      client,
      JSON.stringify({ error, ...method, success: false, ...about, ...times(now), ...id }),
      now,
    );
  }

  override housekeep(now: number): void {
    super.housekeep(now);
    for (const client of this.clients) {
      if (client.topics.size === 0) {
        if (now - client.heardAt > IDLE_MS) client.cut();
      } else if (now - client.heartbeatAt >= HEARTBEAT_MS) {
        client.heartbeatAt = now;
        this.say(client, '{"channel":"heartbeat"}', now);
      }
    }
  }

  protected override rest(url: URL, now: number): unknown {
    const listed = [...this.listed.values()];
    switch (url.pathname) {
      case "/0/public/AssetPairs":
        return { error: [], result: Object.fromEntries(listed.map(pair)) };
      case "/0/public/Assets":
        return {
          error: [],
          result: Object.fromEntries(listed.flatMap(({ base, quote }) => [base, quote]).map(asset)),
        };
      case "/0/public/Time":
        return {
          error: [],
          result: { unixtime: Math.floor(now / 1000), rfc1123: new Date(now).toUTCString() },
        };
      case "/0/public/SystemStatus":
        return { error: [], result: { status: "online", timestamp: new Date(now).toISOString() } };
      default:
        return undefined;
    }
  }
}

/** What is wrong with a request as a whole. */
function channelProblem(params: Params | undefined): string | undefined {
  if (typeof params?.channel !== "string") return "Malformed request";
  if (PRIVATE.has(params.channel)) {
    return "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com";
  }
  if (params.channel !== "book" && params.channel !== "ticker") return "Subscription name invalid";
  if (!Array.isArray(params.symbol) || params.symbol.length === 0) return "Pair field must be an array";
  if (params.symbol.some((symbol) => typeof symbol !== "string")) return "Malformed request";
  const { depth = 10, event_trigger: trigger = "trades" } = params;
  if (trigger !== "trades" && trigger !== "bbo") return "Event trigger not supported";
  if (params.channel === "book" && !DEPTHS.includes(depth as number)) {
    return "Subscription depth not supported";
  }
  return undefined;
}

function parse(text: string): Request | undefined {
  try {
    const request = JSON.parse(text);
    return typeof request.method === "string" ? request : undefined;
  } catch {
    return undefined;
  }
}

function times(now: number): { time_in: string; time_out: string } {
  return { time_in: timestamp(now), time_out: timestamp(now + 0.036) };
}

/** The fee tables are empty since 2026. */
function pair({ base, quote, listing }: Listed): [string, unknown] {
  const { key, altname, wsname } = pairName(base, quote);
  return [key, {
    altname,
    wsname,
    aclass_base: "currency",
    base: assetName(base).id,
    aclass_quote: "currency",
    quote: assetName(quote).id,
    lot: "unit",
    cost_decimals: 5,
    pair_decimals: listing.priceDecimals,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [],
    fees_maker: [],
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: trimmed(1, listing.sizeDecimals),
    costmin: "0.5",
    tick_size: trimmed(1, listing.priceDecimals),
    status: "online",
    execution_venue: "international",
  }];
}

function asset(name: string): [string, unknown] {
  const { id, altname } = assetName(name);
  return [id, { aclass: "currency", altname, decimals: 10, display_decimals: 5, status: "enabled" }];
}
