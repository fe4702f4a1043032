/** What is used of the package `ws`, which has no types of its own. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export interface WebSocket {
  on(event: "message", listener: (data: Uint8Array, binary: boolean) => void): this;
  on(event: "pong", listener: (payload: Uint8Array) => void): this;
  on(event: "close", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error | null) => void): void;
  ping(payload: Uint8Array): void;
  close(code: number, reason: string): void;
}

export class WebSocketServer {
  constructor(options: {
    noServer: true;
    clientTracking: false;
    perMessageDeflate: false;
    maxPayload: number;
    /** Of the subprotocols that the client offers; false names none. */
    handleProtocols(offered: Set<string>, request: IncomingMessage): string | false;
  });
  /** A handshake that is not valid; the answer is the listener's. */
  on(event: "wsClientError", listener: (error: Error, connection: Duplex) => void): this;
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    opened: (socket: WebSocket) => void,
  ): void;
}
