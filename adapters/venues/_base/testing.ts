/**
 * For the tests of the feeds: a tiny venue with real sockets on loopback, and a feed run on it with short waits. The
 * venue's protocol says each kind of `VenueEvent` in one line of JSON.
 */
import assert from "node:assert/strict";
import { ChannelReader, newChannel, newWake, Row } from "../../../core/app/channel.ts";
import { newTelemetry, type Telemetry, telemetryOn } from "../../../core/app/telemetry.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import type { Log, LogFields, LogLevel } from "../../../core/ports/log.ts";
import type { WorkerSpec } from "../../../core/ports/workers.ts";
import { newSlots } from "../../../core/stats/slots.ts";
import { runFeed } from "./run.ts";
import { DEFAULT_TUNING, type FeedTuning } from "./tuning.ts";
import type { Level, Limits, Venue } from "./venue.ts";

/** Waits until something holds, polling; fails with `what` after a generous while. */
export async function until(holds: () => boolean, what: string, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    assert(performance.now() < deadline, `Not within ${withinMs} ms: ${what}`);
    await pause(5);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), seed | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LogRecord {
  level: LogLevel;
  message: string;
  fields: LogFields;
}

export function recordingLog(records: LogRecord[], common: LogFields = {}): Log {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) =>
    void records.push({ level, message, fields: { ...common, ...fields } });
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    with: (fields) => recordingLog(records, { ...common, ...fields }),
  };
}

/** Frames of the tiny venue. */
export const say = {
  accepted: (request: string | null, topic: string | null = null) =>
    JSON.stringify({ accepted: request, topic }),
  refused: (request: string | null, topic: string | null, reason: string) =>
    JSON.stringify({ refused: request, topic, reason }),
  top: (topic: string, bid: Level | null, ask: Level | null) => JSON.stringify({ top: topic, bid, ask }),
  snapshot: (topic: string, sequence: number, bids: Level[], asks: Level[]) =>
    JSON.stringify({ snapshot: topic, sequence, bids, asks }),
  delta: (topic: string, sequence: number, bids: Level[], asks: Level[]) =>
    JSON.stringify({ delta: topic, sequence, bids, asks }),
  alive: () => JSON.stringify({ alive: true }),
  closing: (reason: string) => JSON.stringify({ closing: reason }),
};

/** The tiny venue as the base sees it: topic `t.AB` (`deep.AB` is of the same instrument), instrument list at `/list` as `[[symbol, name, tradable], …]`. */
export function tinyVenue(
  changes: Partial<Omit<Venue, "limits">> & { limits?: Partial<Limits> } = {},
): Venue {
  const { limits, ...rest } = changes;
  const request = (op: string) => (topics: readonly string[], id: string) =>
    JSON.stringify({ op, id, topics });
  return {
    id: "tiny",
    wsUrl: "ws://127.0.0.1:1/",
    restUrl: "http://127.0.0.1:1",
    limits: {
      topicsPerRequest: 10,
      charactersPerRequest: 1_000,
      topicsPerConnection: 100,
      requestsPerSecond: 1_000,
      connectsPerMinute: 10_000,
      ...limits,
    },
    topic: (name) => `t.${name}`,
    subscribe: request("subscribe"),
    unsubscribe: request("unsubscribe"),
    ping: { everyMs: 60_000, frame: (id) => JSON.stringify({ op: "ping", id, topics: [] }) },
    topicSilenceMs: null,
    map(frame, emit) {
      // deno-lint-ignore no-explicit-any
      let message: any;
      try {
        message = JSON.parse(frame);
      } catch {
        return emit({ kind: "malformed", reason: "Not JSON" });
      }
      const { bids, asks, sequence, bid, ask, topic, reason } = message;
      const book = { bids, asks, sequence, checksum: null, exchangeTime: 1 };
      const of = (topic: string) => ({ topic, venueSymbol: topic.split(".")[1] ?? "" });
      if (message.top) emit({ kind: "top", ...of(message.top), bid, ask, exchangeTime: 1 });
      else if (message.snapshot) {
        emit({ kind: "snapshot", ...of(message.snapshot), depth: null, ...book });
      } else if (message.delta) {
        const follows = { followsFrom: sequence - 1, followsTo: sequence - 1 };
        emit({ kind: "delta", ...of(message.delta), ...follows, ...book });
      } else if ("accepted" in message) emit({ kind: "accepted", requestId: message.accepted, topic });
      else if ("refused" in message) emit({ kind: "refused", requestId: message.refused, topic, reason });
      else if (message.closing) emit({ kind: "closing", reason: message.closing });
      else if (message.alive) emit({ kind: "alive" });
      else if (message.fail) throw new Error(message.fail);
      else emit({ kind: "malformed", reason: "Unknown" });
    },
    instruments: {
      path: "/list",
      parse: (body) =>
        (JSON.parse(body) as [string, string, boolean][]).map(([symbol, venueSymbol, tradable]) => ({
          symbol,
          venueSymbol,
          tradable,
          tickSize: null,
          lotSize: null,
          minSizeBase: null,
          minNotionalQuote: null,
        })),
      venueSymbol: (symbol) => symbol.replace("-", ""),
    },
    ...rest,
  };
}

export interface VenueRequest {
  op: "subscribe" | "unsubscribe" | "ping";
  id: string;
  topics: string[];
  /** Number of the connection that it came on. */
  connection: number;
}

/** The tiny venue's other end. Accepts everything and quotes it once, unless told otherwise. */
export class TinyExchange {
  readonly requests: VenueRequest[] = [];
  readonly sockets: WebSocket[] = [];
  /** Plain HTTP requests by path. */
  readonly asked: string[] = [];
  list: string | (() => Response) | null = null;
  /** Answers every handshake, where it is set. */
  refuse: (() => Response) | null = null;
  /** What a request leads to. */
  onRequest: (request: VenueRequest, socket: WebSocket) => void = (request, socket) => {
    if (request.op === "ping") socket.send(say.alive());
    if (request.op !== "subscribe") return;
    socket.send(say.accepted(request.id));
    for (const topic of request.topics) socket.send(say.top(topic, ["100", "1"], ["101", "2"]));
  };
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#serve(request),
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** Sockets that are open now. */
  get open(): WebSocket[] {
    return this.sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    for (const socket of this.open) socket.send(frame);
  }

  of(op: VenueRequest["op"]): VenueRequest[] {
    return this.requests.filter((request) => request.op === op);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.close();
    await until(
      () => this.sockets.every((socket) => socket.readyState === WebSocket.CLOSED),
      "sockets closed",
    );
    await this.#server.shutdown();
  }

  #serve(http: Request): Response {
    if (http.headers.get("upgrade") !== "websocket") {
      this.asked.push(new URL(http.url).pathname);
      if (this.list === null) return new Response("No list", { status: 500 });
      return typeof this.list === "string" ? new Response(this.list) : this.list();
    }
    if (this.refuse !== null) return this.refuse();
    const { socket, response } = Deno.upgradeWebSocket(http, { idleTimeout: 0 });
    const connection = this.sockets.push(socket) - 1;
    socket.onmessage = ({ data }) => {
      const message = { ...JSON.parse(data), connection } as VenueRequest;
      this.requests.push(message);
      this.onRequest(message, socket);
    };
    return response;
  }
}

export interface Quoted {
  state: QuoteState;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
  price: number;
  exchangeTime: number;
  receivedTime: number;
}

/** What came through a channel: the latest of each cell, and all of it. */
export class Rows {
  readonly all: (Quoted & { cell: number })[] = [];
  readonly #reader: ChannelReader;

  constructor(spec: WorkerSpec) {
    this.#reader = new ChannelReader(spec.channel);
  }

  read(): this {
    this.#reader.drain(Infinity, (words, at) => {
      const word = (name: keyof typeof Row) => words[at + Row[name]]!;
      this.all.push({
        cell: word("cell"),
        state: word("state") as QuoteState,
        bid: word("bid"),
        bidSize: word("bidSize"),
        ask: word("ask"),
        askSize: word("askSize"),
        price: word("price"),
        exchangeTime: word("exchangeTime"),
        receivedTime: word("receivedTime"),
      });
    });
    return this;
  }

  /** The quote of a cell; a cell without a row is withdrawn. */
  at(cell: number): Pick<Quoted, "state"> & Partial<Quoted> {
    return this.read().all.findLast((row) => row.cell === cell) ?? { state: QuoteState.withdrawn };
  }

  /** True where the cells are in these states. */
  are(states: readonly QuoteState[], firstCell = 0): boolean {
    return states.every((state, at) => this.at(firstCell + at).state === state);
  }
}

/** A specification for `runFeed` or a worker, with one exchange from cell 0 unless told otherwise. */
export function specOf(symbols: readonly string[], changes: Partial<WorkerSpec> = {}): WorkerSpec {
  const exchanges = changes.exchanges ?? [{ id: "tiny", firstCell: 0 }];
  const firstCell = Math.min(...exchanges.map((exchange) => exchange.firstCell));
  const channel = newChannel({
    capacity: 4096,
    wake: newWake(),
    firstCell,
    cells: symbols.length * exchanges.length,
  });
  return {
    venue: "tiny",
    feed: "socket",
    exchanges,
    symbols,
    channel,
    telemetry: newTelemetry(),
    slots: newSlots({ slotMs: 1000, firstCell, cells: symbols.length * exchanges.length }),
    ...changes,
  };
}

/** Waits of the feeds for tests: nothing that a test waits for takes long, nothing that it does not wait for happens. */
export const QUICK: FeedTuning = {
  ...DEFAULT_TUNING,
  tickMs: 10,
  backoffMs: 20,
  maxBackoffMs: 100,
  probeAfterMs: 5_000,
  silentAfterMs: 5_000,
};

export interface Running {
  rows: Rows;
  telemetry: Telemetry;
  logs: LogRecord[];
  stop(): void;
  [Symbol.dispose](): void;
}

/** Runs a feed in this thread until the end of the test's scope. */
export function run(spec: WorkerSpec, tuning: Partial<FeedTuning> = {}, venue: Venue = tinyVenue()): Running {
  const logs: LogRecord[] = [];
  const stop = runFeed(spec, {
    log: recordingLog(logs),
    tuning: { ...QUICK, ...tuning },
    venues: { [venue.id]: venue },
    random: seeded(1),
  });
  return { rows: new Rows(spec), telemetry: telemetryOn(spec.telemetry), logs, stop, [Symbol.dispose]: stop };
}
