/** Who asks, as far as the server can know: `c.env.client`. */
export interface Client {
  /** Its IP address, or where that is not known that of the proxy before us. */
  readonly address: string;
  /** What counts as one client: the address, or of IPv6 its /64. */
  readonly group: string;
  /** It is on this machine, and no proxy that nobody trusts stands between. */
  readonly local: boolean;
  /** It speaks TLS with a proxy that is trusted. */
  readonly secure: boolean;
}

/** The connection under a request, where the server gives one: `c.env.connection`. */
export interface Connection {
  /**
   * Ends the connection at once and drops whatever was on its way, here and in the kernel. The only way to be rid of
   * a peer that has stopped reading: an orderly close waits for it.
   */
  reset(): void;
}

/** An answer under way: `c.env.exchange`. */
export interface Exchange {
  /** Calls back once, when the answer is with the peer or the connection is gone; of a WebSocket when it is closed. */
  ended(callback: () => void): void;
}

/** A WebSocket that is open, or was. */
export interface MessageSocket extends Connection {
  /**
   * Sends one message. Resolves when the next one may follow, because the peer has read most of what came before: true,
   * or false where the connection is gone. Send one after the other, so that what waits for a slow peer waits with the
   * sender.
   */
  send(data: Uint8Array, binary: boolean): Promise<boolean>;
  /** Resets the connection because of a fault of ours, and tells the log. */
  fail(error: unknown): void;
  /** Says goodbye after what was sent; a peer that does not answer in time is reset. Codes: RFC 6455, section 7.4. */
  close(code: number, reason: string): void;
}

/** What the other side does. */
export interface MessageSocketEvents {
  message(data: Uint8Array, binary: boolean): void;
  /** It has not answered for long: it does not read, or is gone without a word. `closed` follows. */
  silent(): void;
  /** Once, for any end. */
  closed(): void;
}

/**
 * Makes the connection under a request a WebSocket, where the request asks for that (`c.env.upgrade`). Called by the
 * handler; happens after it has answered, and that answer is then not sent. `protocol` is the subprotocol to name.
 */
export type Upgrade = (
  protocol: string | undefined,
  opened: (socket: MessageSocket) => MessageSocketEvents,
) => void;
