/** Who asks, for middleware: the server knows it, an application called without one does not. */
import type { Context } from "hono";
import type { Client, Exchange } from "../../core/ports/connection.ts";

/** `app.request()` has no socket: whoever calls it is this program. */
const THIS_PROGRAM: Client = { address: "127.0.0.1", group: "127.0.0.1", local: true, secure: false };

export function clientOf(c: Context): Client {
  return (c.env as { client?: Client } | undefined)?.client ?? THIS_PROGRAM;
}

/** Calls back when the answer is with the client; without a server, undefined. */
export function exchangeOf(c: Context): Exchange | undefined {
  return (c.env as { exchange?: Exchange } | undefined)?.exchange;
}

export function asksForWebSocket(c: Context): boolean {
  return c.req.header("upgrade")?.toLowerCase() === "websocket";
}
