/**
 * A stream on a WebSocket. It begins with the filter of the address; the client may ask for another at any time. Messages
 * leave one after the other, as the client has read most of those before: what waits for a slow one waits in the hub, where
 * it is bounded and conflated.
 */
import type { Context } from "hono";
import type { z } from "zod";
import type { Market } from "../core/app/market.ts";
import type { StreamProtocol, Subscription } from "../core/app/stream/protocol.ts";
import type { StreamEnd } from "../core/app/stream.ts";
import type { MessageSocket, MessageSocketEvents, Upgrade } from "../core/ports/connection.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";
import { type Parameter, problemOf } from "./_describe.ts";
import { inWords, type Read, readParameters, readQuery } from "./_query.ts";
import { noStream } from "./_sse.ts";

/** A client may ask for so much within the time; one that asks for more is disconnected. */
const MESSAGES = 20;
const MESSAGES_MS = 10_000;
/** Close codes (RFC 6455, 7.4.1; the last by the registry of IANA). */
const CLOSE = { goingAway: 1001, policy: 1008, tryAgain: 1013 } as const;

/** A reader of a hub, as far as a session needs it. */
interface Reader {
  next(): Promise<Uint8Array[] | undefined>;
  readonly end: StreamEnd | undefined;
  leave(): void;
  cut(): void;
}

/** What is streamed, and by which filter. */
export interface Source<Schema extends z.ZodObject> {
  filter: Schema;
  connect(
    filter: Read<Schema>,
    options: { protocol: StreamProtocol; lastSequence: number | undefined; ended(end: StreamEnd): void },
  ): Reader | { refused: "full" | "closed" };
}

/** Makes the connection a WebSocket with this stream, or says why not. */
export function socketResponse<Schema extends z.ZodObject>(
  c: Context<Env>,
  source: Source<Schema>,
): Response {
  const { market, protocols, streams } = c.get("app");
  const filter = readQuery(c, source.filter);
  if (filter instanceof Response) return filter;
  const upgrade = (c.env as { upgrade?: Upgrade } | undefined)?.upgrade;
  if (!upgrade) {
    c.header("Upgrade", "websocket");
    return problem(c, {
      status: 426,
      title: "WebSocket expected",
      detail: "Open this address as a WebSocket",
    });
  }
  const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim())
    .filter((one) => one !== "");
  const protocol = offered.length === 0
    ? protocols[0]!
    : offered.map((name) => protocols.find((one) => one.name === name)).find((one) => one !== undefined);
  if (!protocol) {
    const names = protocols.map(({ name }) => name);
    const detail = `None of the subprotocols ${offered.join(", ")} is known; use ${names.join(" or ")}`;
    return problem(c, { status: 400, title: "Unknown subprotocol", detail, knownSubprotocols: names });
  }
  if (!streams.places.admits()) return noStream(c, "full");
  const { lastSequence } = c.req.query();
  upgrade(offered.length === 0 ? undefined : protocol.name, (socket) => {
    const session = new Session(socket, market, protocol, source);
    session.subscribe(filter, lastSequence ? Number(lastSequence) : undefined);
    return session;
  });
  return c.body(null);
}

/** What a request for a WebSocket may be answered. */
export const socketResponses = {
  101: { description: "The WebSocket" },
  400: problemOf("All parameters that are not valid, or no known subprotocol"),
  403: problemOf("The page that asks is of another site"),
  426: problemOf("The request does not ask for a WebSocket"),
  503: problemOf(
    "As many streams are open as may be, or the program stops; `Retry-After` says when to try again",
  ),
};

export const lastSequenceParameter: Parameter = {
  in: "query",
  name: "lastSequence",
  description: "The last `sequence` that was received with this filter; without it a snapshot comes first",
  schema: { type: "string" },
};

class Session<Schema extends z.ZodObject> implements MessageSocketEvents {
  readonly #socket: MessageSocket;
  readonly #market: Market;
  readonly #protocol: StreamProtocol;
  readonly #source: Source<Schema>;
  #reader: Reader | undefined;
  /** What is being sent, to its end: the next to send waits for it. */
  #sending: Promise<unknown> = Promise.resolve();
  #closed = false;
  #messages = 0;
  #messagesSince = 0;

  constructor(socket: MessageSocket, market: Market, protocol: StreamProtocol, source: Source<Schema>) {
    this.#socket = socket;
    this.#market = market;
    this.#protocol = protocol;
    this.#source = source;
  }

  /** From now on the stream is of this filter. */
  subscribe(filter: Read<Schema>, lastSequence: number | undefined): void {
    this.#reader?.leave();
    const reader = this.#source.connect(filter, {
      protocol: this.#protocol,
      lastSequence,
      // An orderly end would wait for a client that does not read.
      ended: (end) => end === "slow" && this.#socket.reset(),
    });
    if ("refused" in reader) {
      return this.#socket.close(
        CLOSE.tryAgain,
        reader.refused === "full" ? "All places for streams are taken" : "Shutting down",
      );
    }
    this.#reader = reader;
    const { subscribed } = this.#protocol;
    this.#sending = this.#sending.then(() => this.#pass(reader, subscribed(filter as Subscription)))
      .catch((error) => this.#socket.fail(error));
  }

  async #pass(reader: Reader, first: Uint8Array): Promise<void> {
    let messages: Uint8Array[] | undefined = [first];
    while (messages) {
      for (const message of messages) {
        if (reader !== this.#reader) return;
        if (!(await this.#send(message))) return reader.leave();
      }
      messages = await reader.next();
    }
    if (reader.end === "closed") this.#socket.close(CLOSE.goingAway, "Shutting down");
  }

  #send(message: Uint8Array): Promise<boolean> {
    return this.#socket.send(message, this.#protocol.binary);
  }

  message(data: Uint8Array, binary: boolean): void {
    if (this.#closed || this.#tooMany()) return;
    const asked = this.#protocol.read(data, binary);
    if (typeof asked === "string") return this.#refuse("Message is not valid", asked);
    const { lastSequence, ...filter } = asked;
    const given = Object.entries(filter)
      .filter(([_, value]) => value !== undefined && String(value).trim() !== "")
      .map(([name, value]) => [name, String(value)]);
    const known = given.filter(([name]) => Object.hasOwn(this.#source.filter.shape, name!));
    const read = readParameters(this.#market, this.#source.filter, Object.fromEntries(known));
    if ("errors" in read) return this.#refuse("Parameters are not valid", inWords(read.errors));
    this.subscribe(read.value, lastSequence);
  }

  silent(): void {
    this.#reader?.cut();
  }

  closed(): void {
    this.#closed = true;
    this.#reader?.leave();
  }

  /** The messages that a client may send are few, so are the answers that may wait for it. */
  #refuse(title: string, detail: string): void {
    void this.#send(this.#protocol.problem(title, detail));
  }

  #tooMany(): boolean {
    const now = performance.now();
    if (now - this.#messagesSince > MESSAGES_MS) [this.#messagesSince, this.#messages] = [now, 0];
    if (++this.#messages <= MESSAGES) return false;
    this.#closed = true;
    this.#reader?.leave();
    this.#socket.close(CLOSE.policy, `More than ${MESSAGES} messages in ${MESSAGES_MS / 1000} s`);
    return true;
  }
}
