/**
 * WebSockets (RFC 6455) on the connections of the HTTP server, by the package `ws`. Pings find out who does not read any
 * more, and who is gone without a word.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { MessageSocketEvents, Upgrade } from "../../core/ports/connection.ts";
import type { Log } from "../../core/ports/log.ts";
import { OpenSocket } from "./message_socket.ts";
import { refuseBare } from "./refusal.ts";
// @ts-types="./ws.d.ts"
import { WebSocketServer } from "ws";

/** Messages of clients are small: they name a filter. A larger one ends the connection with code 1009. */
const MAX_MESSAGE_BYTES = 16_384;
/** A peer that has not answered a ping when the next one is due is reset. Also keeps proxies from closing. */
const PING_EVERY_MS = 30_000;

/** What a handler wants of an upgrade. */
export type Wanted = Parameters<Upgrade>;

/** The WebSockets of one server. */
export class WebSockets {
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  readonly #open = new Map<OpenSocket, MessageSocketEvents>();
  readonly #pings: ReturnType<typeof setInterval>;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Its memory per client is not worth what small frames gain.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (_, request) => this.#protocols.get(request) ?? false,
  });

  readonly #log: Pick<Log, "error">;

  constructor(log: Pick<Log, "error">, pingEveryMs = PING_EVERY_MS) {
    this.#log = log;
    this.#pings = setInterval(() => this.ping(), pingEveryMs);
    this.#server.on("wsClientError", ({ message }, connection) => {
      refuseBare(connection, {
        status: 400,
        detail: `The request for a WebSocket is not valid: ${message}`,
        headers: { "sec-websocket-version": "13" },
      });
    });
  }

  /** Answers the handshake; one that is not valid gets 400. */
  accept(request: IncomingMessage, connection: Duplex, head: Uint8Array, [protocol, opened]: Wanted): void {
    if (protocol !== undefined) this.#protocols.set(request, protocol);
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      const one = new OpenSocket(
        socket,
        () => void request.socket.resetAndDestroy(),
        (error) => this.#log.error("WebSocket failed", { path: request.url, error: String(error) }),
      );
      socket.on("message", (data, binary) => this.#open.get(one)?.message(data, binary));
      // It is followed by `close`.
      socket.on("error", () => {});
      socket.on("close", () => {
        const events = this.#open.get(one);
        this.#open.delete(one);
        events?.closed();
      });
      try {
        this.#open.set(one, opened(one));
      } catch (error) {
        one.reset();
        throw error;
      }
    });
  }

  /** Asks every peer for a sign of life, and resets those that have not answered the last time. */
  ping(): void {
    for (const [socket, events] of [...this.#open]) {
      if (socket.probe()) continue;
      events.silent();
      socket.reset();
    }
  }

  /** Resets what is still open, and stops. */
  close(): void {
    clearInterval(this.#pings);
    for (const socket of [...this.#open.keys()]) socket.reset();
  }
}
