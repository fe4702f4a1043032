/** A server for tests, and clients of it that read only when told to. */
import assert from "node:assert/strict";
import type { Connection, Exchange } from "../../core/ports/connection.ts";
import type { Log } from "../../core/ports/log.ts";
import { type HttpServer, serveHttp } from "./serve.ts";

const WITHIN_MS = 20_000;

export const log: Log = {
  debug() {},
  info() {},
  warning() {},
  error(message, fields) {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
  with: () => log,
};

export type Fetch = (
  request: Request,
  bindings: { connection: Connection; exchange: Exchange },
) => Response | Promise<Response>;

export async function serving(
  fetch: Fetch,
  use: (server: HttpServer) => Promise<void>,
  options: { stalledAfterMs?: number } = {},
): Promise<void> {
  const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch, log, ...options });
  assert.ok(!("refused" in server), "Server does not listen");
  try {
    await use(server);
  } finally {
    await server.close(0);
  }
}

/** A client that reads only when told to. */
export async function get(server: HttpServer, path = "/", head = "", version = "1.1"): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: server.host, port: server.port });
  const request = `GET ${path} HTTP/${version}\r\nHost: ${server.host}:${server.port}\r\n${head}\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return connection;
}

export async function readAll(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  for await (const bytes of connection.readable) text += new TextDecoder().decode(bytes);
  return text;
}

export async function until(what: string, done: () => boolean): Promise<void> {
  const end = Date.now() + WITHIN_MS;
  while (!done()) {
    assert.ok(Date.now() < end, `Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A stream of `text/event-stream` that never ends by itself. */
export function stream(source: Partial<UnderlyingDefaultSource<Uint8Array>>): Response {
  const body = new ReadableStream(source, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

export const encode = (text: string) => new TextEncoder().encode(text);
