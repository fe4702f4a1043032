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
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, Connection, Exchange, Upgrade } from "../../core/ports/connection.ts";
import type { Log } from "../../core/ports/log.ts";
import { clientOf } from "./client.ts";
import { Connections } from "./connections.ts";
import { Networks } from "./networks.ts";
import { type Refusal, refuse, refuseBare } from "./refusal.ts";
import { dropBody, hasBody, refusalOf, toRequest } from "./request.ts";
import { send } from "./response.ts";
import { type Wanted, WebSockets } from "./websocket.ts";

/**
 * A peer gets this long to send its request; answers may take as long as they like. Between two requests it may be silent
 * for longer than the minute that nginx keeps its connections, so that they do not end under a request.
 */
const TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
};
/** All of a header, and its address with it. */
const MAX_HEADER_BYTES = 16_384;
/**
 * Requests of one connection that wait for their answers, or for one before them, such as a stream that never ends. Each
 * holds its answer, and clients send them ahead seldom or never; a connection with more is reset.
 */
const MAX_AHEAD = 16;
/** A client has room for as many connections as it may have requests open, and as many to be told that these are too many. */
const CONNECTIONS_PER_OPEN = 2;

/** Other upgrades, such as to HTTP/2, are not taken up: such a request is answered as it is. */
const ONLY_WEBSOCKETS = {
  shouldUpgradeCallback: ({ headers }: http.IncomingMessage) =>
    headers.upgrade?.toLowerCase() === "websocket",
};

const NO_BODY_HERE: Refusal = { status: 400, detail: "A request for a WebSocket has no body" };

/** A request that asks for a WebSocket. */
interface Upgrading {
  accept(wanted: Wanted): void;
}

/** What a handler finds beside the request (Hono: `c.env`). */
export interface HttpBindings {
  client: Client;
  connection: Connection;
  exchange: Exchange;
  /** Where the request asks for a WebSocket. */
  upgrade?: Upgrade;
}

export interface HttpServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>;
  log: Log;
  /** Addresses and blocks whose `X-Forwarded-…` is believed. Default: none. */
  trustedProxies?: readonly string[];
  /** Default: any number. */
  limits?: { openPerAddress: number; connections: number };
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
  const { host, port, log, limits } = options;
  const trusted = new Networks(options.trustedProxies ?? []);
  const waiting = new WeakMap<Duplex, Set<http.ServerResponse>>();
  const handle = (incoming: http.IncomingMessage, outgoing: http.ServerResponse, upgrading?: Upgrading) => {
    const { socket } = incoming;
    const ahead = waiting.get(socket) ?? waitingOn(socket);
    if (socket.destroyed || ahead.size >= MAX_AHEAD) return void socket.resetAndDestroy();
    waiting.set(socket, ahead.add(outgoing));
    outgoing.once("close", () => ahead.delete(outgoing));
    answer({ ...options, trusted }, incoming, outgoing, upgrading).catch((error) => {
      log.error("Answer could not be sent", { path: incoming.url, error: String(error) });
      outgoing.socket?.destroy();
    });
  };
  const server = http.createServer({
    ...TIMEOUTS,
    ...ONLY_WEBSOCKETS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // That is refused in words, as other things are.
    requireHostHeader: false,
  }, handle);
  if (limits) {
    server.maxConnections = limits.connections;
    const connections = new Connections(limits.openPerAddress * CONNECTIONS_PER_OPEN, trusted);
    server.on("connection", (socket: Socket) => connections.admit(socket));
  }
  server.on("clientError", (error: Error, connection: Duplex) => {
    const refusal = refusalOf(error);
    // What is no request must not stand in the middle of an answer, nor be taken for another's.
    const ahead = [...waiting.get(connection) ?? []];
    if (refusal === undefined || ahead.length > 1 || ahead[0]?.headersSent) connection.destroy();
    else refuseBare(connection, refusal);
  });
  /** A connection that is to be something else must not wait for answers: these could never go out in order. */
  const isFree = (socket: Socket) => {
    const free = (waiting.get(socket)?.size ?? 0) === 0;
    if (!free) socket.resetAndDestroy();
    return free;
  };
  server.on("connect", ({ socket }: http.IncomingMessage, connection: Duplex) => {
    if (isFree(socket)) {
      refuseBare(connection, {
        status: 405,
        detail: "CONNECT is not served here",
        headers: { allow: "GET, HEAD" },
      });
    }
  });
  server.on("checkExpectation", (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    refuse(incoming, outgoing, { status: 417, detail: "Of expectations only 100-continue is known" });
  });
  const sockets = new WebSockets(log);
  server.on("upgrade", (incoming: http.IncomingMessage, connection: Duplex, head: Uint8Array) => {
    connection.on("error", () => connection.destroy());
    if (!isFree(incoming.socket)) return;
    // For handlers that do not want a WebSocket: they answer as ever, and the connection ends with that.
    const outgoing = new http.ServerResponse(incoming);
    outgoing.assignSocket(incoming.socket);
    outgoing.shouldKeepAlive = false;
    // Not only its own half: a peer that never ends the other one would keep the connection.
    outgoing.on("finish", () => incoming.socket.destroySoon());
    handle(incoming, outgoing, {
      accept: (wanted) => {
        outgoing.detachSocket(incoming.socket);
        sockets.accept(incoming, connection, head, wanted);
      },
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
      resolve({ host, port: address.port, close: (withinMs) => close(server, sockets, withinMs) });
    });
  });
}

/** Answers of a connection that are not with the peer yet. They end with it, also those that wait for others before them. */
function waitingOn(socket: Socket): Set<http.ServerResponse> {
  const answers = new Set<http.ServerResponse>();
  socket.once("close", () => {
    for (const one of answers) {
      one.destroy();
      // Nobody else tells one whose turn has not come.
      one.emit("close");
    }
  });
  return answers;
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
  { fetch, log, trusted, stalledAfterMs }: HttpServerOptions & { trusted: Networks },
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  upgrading?: Upgrading,
): Promise<void> {
  let request = toRequest(incoming);
  if (request instanceof Request && hasBody(incoming)) {
    const body = upgrading ? NO_BODY_HERE : await dropBody(incoming);
    if (body === "gone") return;
    request = body ?? request;
  }
  if (!(request instanceof Request)) return refuse(incoming, outgoing, request);
  const client = clientOf(incoming.socket.remoteAddress, request.headers, trusted);
  const connection: Connection = { reset: () => void incoming.socket.resetAndDestroy() };
  let wanted: Wanted | undefined;
  const upgrade: Upgrade = (...of) => wanted = of;
  const ending: (() => void)[] = [];
  const ended = () => ending.splice(0).forEach((callback) => callback());
  const exchange: Exchange = { ended: (callback) => void ending.push(callback) };
  let response: Response;
  try {
    response = await fetch(request, { client, connection, exchange, ...(upgrading && { upgrade }) });
  } finally {
    const until = wanted ? incoming.socket : outgoing;
    if (until.destroyed) ended();
    else until.once("close", ended);
  }
  if (upgrading && wanted) return upgrading.accept(wanted);
  const broken = await send(response, outgoing, stalledAfterMs);
  if (broken === undefined) return;
  // The peer must not take what it got for the whole; without chunks only a reset tells it so.
  connection.reset();
  if (broken.unexpected) log.warning("Answer broke off", { path: request.url, error: String(broken.reason) });
}

function close(server: http.Server, sockets: WebSockets, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      sockets.close();
    }, withinMs);
    server.close(() => {
      clearTimeout(timer);
      sockets.close();
      resolve();
    });
    server.closeIdleConnections();
  });
}
