/** Answers of the server itself, to what never becomes a request of the application. */
import http from "node:http";
import type { Duplex } from "node:stream";

export interface Refusal {
  status: 400 | 405 | 408 | 413 | 414 | 417 | 431;
  /** What was wrong, and what to do. */
  detail: string;
  headers?: Record<string, string>;
}

const TITLES: Readonly<Record<Refusal["status"], string>> = {
  400: "Bad request",
  405: "Method not allowed",
  408: "Request timeout",
  413: "Content too large",
  414: "Address too long",
  417: "Expectation failed",
  431: "Header too large",
};

const HEADERS = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  connection: "close",
};

/** What a peer still sends after a refusal is read and dropped for so long, or so much of it: then it has the answer. */
const LINGER_MS = 2_000;
const LINGER_BYTES = 8 << 20;

/**
 * Refuses a request whose header was understood. The connection ends with it, but not before the peer can have read the
 * answer: one that is closed with something unread is reset, and takes the answer with it.
 */
export function refuse(
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  refusal: Refusal,
): void {
  const body = problemText(refusal);
  outgoing.writeHead(refusal.status, { ...HEADERS, ...refusal.headers, "content-length": body.length });
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  outgoing.on("close", () => clearTimeout(timer));
  outgoing.write(body);
  if (incoming.complete || refusal.status !== 413) return end();
  let dropped = 0;
  incoming.on("data", (bytes: Uint8Array) => {
    dropped += bytes.length;
    if (dropped > LINGER_BYTES) end();
  });
  incoming.on("end", end);
  incoming.on("error", end);
}

/** Refuses what is no request, on the bare connection. Where the peer is gone, nothing happens. */
export function refuseBare(connection: Duplex, refusal: Refusal): void {
  if (!connection.writable) return void connection.destroy();
  const body = problemText(refusal);
  const head = Object.entries({ ...HEADERS, ...refusal.headers, "content-length": body.length })
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const line = `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}\r\n`;
  connection.on("error", () => connection.destroy());
  connection.end(`${line}${head}\r\n${body}`);
  // What it still sends is dropped; where it does not end, this does.
  connection.resume();
  const timer = setTimeout(() => connection.destroy(), LINGER_MS);
  connection.on("close", () => clearTimeout(timer));
}

/** ASCII only, so that characters are bytes. */
function problemText({ status, detail }: Refusal): string {
  return JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail });
}
