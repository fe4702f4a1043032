/**
 * The HTTP server: `node:http` of Deno with a fetch handler on top.
 *
 * Why not `Deno.serve`: it has no way to end one connection. A peer that stops reading keeps its connection, and up to
 * 4 MB of the kernel's memory, until it reads again or for ever: neither closing nor erroring the body of a response
 * reaches a connection whose writes are blocked, because the body is not looked at before there is room. Here the
 * handler gets a `Connection` that it can reset. Measured with 300 readers at 20 events/s both cost the same (17–19 µs
 * of processor per delivery); an ordinary request costs about 60 µs instead of 25.
 */
import http from "node:http";
import type { Connection } from "../../core/ports/connection.ts";
import type { Log } from "../../core/ports/log.ts";

/**
 * Ordinary answers are read whole and sent with their length. Passed on piece by piece are event streams, and what says
 * of itself that it comes in chunks (`transfer-encoding: chunked`).
 */
const EVENT_STREAM = "text/event-stream";

/** A reader that takes nothing of a long answer for this long is cut, so that nothing is held for it for ever. */
const STALLED_AFTER_MS = 60_000;

/** A peer gets this long to send its request; answers may take as long as they like. */
const REQUEST_TIMEOUTS = { headersTimeout: 15_000, requestTimeout: 30_000 };

/** What a handler finds beside the request (Hono: `c.env`). */
export interface HttpBindings {
  connection: Connection;
}

export interface HttpServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>;
  log: Log;
  /** Default: a minute. */
  stalledAfterMs?: number;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, lets running answers end for `withinMs`, then resets what is left. */
  close(withinMs: number): Promise<void>;
}

/** Starts listening. Errors of the system are values: the port may be taken, or the host not be of this machine. */
export function serveHttp(options: HttpServerOptions): Promise<HttpServer | { refused: string }> {
  const { host, port, log } = options;
  const server = http.createServer(REQUEST_TIMEOUTS, (incoming, outgoing) => {
    answer(options, incoming, outgoing).catch((error) => {
      log.error("Answer could not be sent", { path: incoming.url, error: String(error) });
      outgoing.socket?.destroy();
    });
  });
  return new Promise((resolve) => {
    server.once(
      "error",
      (error: Error & { code?: string }) => resolve({ refused: explain(error, host, port) }),
    );
    server.listen(port, host, () => {
      server.on("error", (error) => log.error("HTTP server failed", { error: error.message }));
      const address = server.address() as { port: number };
      resolve({ host, port: address.port, close: (withinMs) => close(server, withinMs) });
    });
  });
}

function explain(error: Error & { code?: string }, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is taken: stop the program that uses it, or choose another with --port`;
    case "EACCES":
      return `Port ${port} on ${host} is not allowed: ports below 1024 need more rights, choose another with --port`;
    case "EADDRNOTAVAIL":
    case "EINVAL":
    case "ENOTFOUND":
      return `Host ${host} is no address of this machine: choose another with --host`;
    default:
      return `Cannot listen on ${host}:${port}: ${error.message}`;
  }
}

async function answer(
  { fetch, log, stalledAfterMs = STALLED_AFTER_MS }: HttpServerOptions,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): Promise<void> {
  const request = toRequest(incoming);
  if (!request) {
    outgoing.writeHead(400, { "content-type": "text/plain", connection: "close" });
    outgoing.end("Host header or address of the request is not valid\n");
    return;
  }
  const connection: Connection = { reset: () => void incoming.socket.resetAndDestroy() };
  const response = await fetch(request, { connection });
  for (const [name, value] of response.headers) {
    // How a body is framed is the server's own: HTTP/1.0, which nginx speaks to it, knows no chunks.
    if (name !== "set-cookie" && name !== "transfer-encoding") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.statusCode = response.status;
  const events = response.headers.get("content-type")?.startsWith(EVENT_STREAM) ?? false;
  if (response.body && (events || response.headers.get("transfer-encoding") === "chunked")) {
    // Readers of events are cut by their hub, which knows how much waits for them.
    const failure = await pipe(response.body, outgoing, events ? undefined : stalledAfterMs);
    if (failure === undefined) return;
    // The peer must not take what it got for the whole; without chunks only a reset tells it so.
    connection.reset();
    if (!events) log.warning("Answer broke off", { path: request.url, error: String(failure) });
  } else if (response.body) {
    const body = new Uint8Array(await response.arrayBuffer());
    outgoing.setHeader("content-length", body.length);
    outgoing.end(body);
  } else outgoing.end();
}

/** The request as the platform's object; undefined where its host or address is no part of a URL. */
function toRequest(incoming: http.IncomingMessage): Request | undefined {
  const target = incoming.url ?? "/";
  const host = incoming.headers.host ?? "localhost";
  const url = URL.parse(target.startsWith("/") ? `http://${host}${target}` : target);
  if (!url || !/^https?:$/u.test(url.protocol)) return undefined;
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
  }
  const method = incoming.method ?? "GET";
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  // No route takes a body so far; what is sent is skipped, so that the connection can serve the next request.
  incoming.resume();
  return new Request(url, { method, headers });
}

/**
 * Passes a stream on, piece by piece, never more than the peer takes. Ends when either side does. Returns why the body
 * could not be passed on to its end, undefined where it was, or where the peer left.
 */
async function pipe(
  body: ReadableStream<Uint8Array>,
  outgoing: http.ServerResponse,
  stalledAfterMs: number | undefined,
): Promise<unknown> {
  const reader = body.getReader();
  let room = () => {};
  let gone = outgoing.destroyed;
  outgoing.on("drain", () => room());
  outgoing.on("close", () => {
    gone = true;
    room();
    reader.cancel().catch(() => {});
  });
  if (gone) return void await reader.cancel();
  outgoing.flushHeaders();
  let stalled: ReturnType<typeof setTimeout> | undefined;
  try {
    while (!gone) {
      const { done, value } = await reader.read();
      if (done) break;
      // A chunk without bytes would end the body.
      if (value.length === 0 || outgoing.write(value) || gone) continue;
      await new Promise<void>((resolve, reject) => {
        room = resolve;
        if (stalledAfterMs === undefined) return;
        stalled = setTimeout(() => reject(new Error("The reader stopped reading")), stalledAfterMs);
      });
      clearTimeout(stalled);
    }
    if (!gone) outgoing.end();
  } catch (error) {
    reader.cancel().catch(() => {});
    return error ?? new Error("The body failed");
  } finally {
    clearTimeout(stalled);
  }
}

function close(server: http.Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
