/** OKX v5 public spot: `bbo-tbt`, `books`, `books5`, `tickers` over WebSocket, the instrument list over REST. */
import type { Client } from "./client.ts";
import { trimmed } from "./decimal.ts";
import type { Ladder } from "./ladder.ts";
import { BestStream, BooksStream, FiveStream, TickerStream } from "./okx_streams.ts";
import { type Listed, type VenueOptions, VenueServer } from "./server.ts";
import type { Stream } from "./topic.ts";

const CHANNELS: Readonly<Record<string, (channel: string, item: Listed, ladder: Ladder) => Stream>> = {
  "bbo-tbt": (channel, item, ladder) => new BestStream(channel, item, ladder, 1),
  books: (channel, item, ladder) => new BooksStream(channel, item, ladder, 400),
  books5: (channel, item, ladder) => new FiveStream(channel, item, ladder, 5),
  tickers: (channel, item, ladder) => new TickerStream(channel, item, ladder, 1),
};
/** These ask for a login and a fee tier. */
const RESTRICTED: ReadonlySet<string> = new Set(["books-l2-tbt", "books50-l2-tbt"]);
const MOST_REQUEST_CHARACTERS = 64 * 1024;
/** Subscribe and unsubscribe requests per hour and connection. */
const MOST_REQUESTS = 480;
const HOUR_MS = 3_600_000;
/** A socket on which neither side says anything for so long is closed. */
const IDLE_MS = 30_000;

interface Arg {
  channel: string;
  instId: string;
}

interface Request {
  id?: string | undefined;
  op: string;
  args: readonly Partial<Arg>[];
}

export class OkxServer extends VenueServer {
  constructor(options: VenueOptions, listed: readonly Listed[]) {
    super("okx", "/ws/v5/public", options, listed);
  }

  protected override received(client: Client, text: string, now: number): void {
    if (text === "ping") return this.say(client, "pong", now);
    if (text.length > MOST_REQUEST_CHARACTERS) {
      return this.close(client, 1009, "Request message exceeds the maximum frame length");
    }
    const request = parse(text);
    if (request === undefined) return this.#refuse(client, {}, "60012", `Invalid request: ${text}`, now);
    if (now - client.hourAt > HOUR_MS) [client.hourAt, client.requests] = [now, 0];
    if (++client.requests > MOST_REQUESTS) {
      return this.#refuse(client, request, "60014", "Requests too frequent", now);
    }
    for (const arg of request.args) this.#one(client, request, arg, now);
  }

  /** Every argument is answered for itself. */
  #one(client: Client, request: Request, arg: Partial<Arg>, now: number): void {
    const { channel = "", instId = "" } = arg;
    if (RESTRICTED.has(channel)) {
      const msg = "Your trading fee tier doesn't meet the requirement to access this channel";
      return this.#refuse(client, request, "64003", msg, now);
    }
    const item = this.listed.get(instId);
    const make = CHANNELS[channel];
    if (item === undefined || make === undefined) {
      const msg = `${request.op === "subscribe" ? "Subscribe" : "Unsubscribe"} failed, wrong URL or ` +
        `channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters ` +
        "referring to API document.";
      return this.#refuse(client, request, "60018", msg, now);
    }
    const key = `${channel}:${instId}`;
    if (request.op === "unsubscribe") this.unsubscribe(client, key);
    const id = request.id === undefined ? {} : { id: request.id };
    const connId = client.id;
    this.say(client, JSON.stringify({ ...id, event: request.op, arg: { channel, instId }, connId }), now);
    if (request.op === "unsubscribe") return;
    this.sayFirst(client, this.subscribe(client, key, item, (ladder) => make(channel, item, ladder)), now);
  }

  #refuse(client: Client, { id }: { id?: string | undefined }, code: string, msg: string, now: number): void {
    const requestId = id === undefined ? {} : { id };
    this.say(client, JSON.stringify({ ...requestId, event: "error", msg, code, connId: client.id }), now);
  }

  override housekeep(now: number): void {
    super.housekeep(now);
    for (const client of this.clients) {
      if (now - Math.max(client.heardAt, client.toldAt) > IDLE_MS) {
        this.close(client, 4004, "No data received in 30s");
      }
    }
  }

  protected override rest(url: URL): unknown {
    if (url.pathname !== "/api/v5/public/instruments") return undefined;
    const type = url.searchParams.get("instType");
    if (type === null) return { code: "50014", data: [], msg: "Parameter instType can not be empty." };
    const instId = url.searchParams.get("instId");
    const list = [...this.listed.values()]
      .filter((item) => type === "SPOT" && (instId === null || item.venueSymbol === instId));
    return { code: "0", data: list.map(instrument), msg: "" };
  }
}

function parse(text: string): Request | undefined {
  try {
    const request = JSON.parse(text);
    const known = request.op === "subscribe" || request.op === "unsubscribe";
    const wellFormed = Array.isArray(request.args) && request.args.length > 0 &&
      request.args.every((arg: unknown) => typeof arg === "object" && arg !== null);
    return known && wellFormed ? request : undefined;
  } catch {
    return undefined;
  }
}

function instrument({ venueSymbol, base, quote, listing }: Listed, at: number): unknown {
  const lot = trimmed(1, listing.sizeDecimals);
  return {
    alias: "",
    auctionEndTime: "",
    baseCcy: base,
    category: "1",
    contTdSwTime: "",
    ctMult: "",
    ctType: "",
    ctVal: "",
    ctValCcy: "",
    expTime: "",
    futureSettlement: false,
    groupId: "12",
    instFamily: "",
    instId: venueSymbol,
    instIdCode: at + 1,
    instType: "SPOT",
    lever: "10",
    listTime: "1611907686000",
    lotSz: lot,
    maxIcebergSz: "9999999999.0000000000000000",
    maxLmtAmt: "20000000",
    maxLmtSz: "9999999999",
    maxMktAmt: "1000000",
    maxMktSz: "1000000",
    maxStopSz: "1000000",
    maxTriggerSz: "9999999999.0000000000000000",
    maxTwapSz: "9999999999.0000000000000000",
    minSz: lot,
    openType: "fix_price",
    optType: "",
    quoteCcy: quote,
    ruleType: "normal",
    settleCcy: "",
    state: "live",
    stk: "",
    tickSz: trimmed(1, listing.priceDecimals),
    tradeQuoteCcyList: [quote],
    uly: "",
  };
}
