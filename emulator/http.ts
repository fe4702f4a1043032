/**
 * As much of HTTP/1.1 as an exchange's front door needs: read one request head, write one answer, close.
 *
 * The sockets are served without a framework because faults need the bare connection: cut it without a closing
 * handshake, stop listening and come back, answer a handshake with 429.
 */
const MOST_HEAD_BYTES = 64 * 1024;
const HEAD_WITHIN_MS = 10_000;

export interface RequestHead {
  method: string;
  url: URL;
  headers: ReadonlyMap<string, string>;
  /** Bytes that came after the head: the first frames of an eager client. */
  rest: Uint8Array;
}

export interface Answer {
  status: number;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

const REASONS: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
};

/** Reads up to the empty line; undefined where the peer left, stalled or sent no HTTP. */
export async function readHead(conn: Deno.Conn): Promise<RequestHead | undefined> {
  const timer = setTimeout(() => shut(conn), HEAD_WITHIN_MS);
  const decoder = new TextDecoder("latin1");
  const chunk = new Uint8Array(4096);
  let bytes = new Uint8Array(0);
  try {
    while (bytes.length < MOST_HEAD_BYTES) {
      const count = await conn.read(chunk);
      if (count === null) return undefined;
      const longer = new Uint8Array(bytes.length + count);
      longer.set(bytes);
      longer.set(chunk.subarray(0, count), bytes.length);
      bytes = longer;
      const end = decoder.decode(bytes).indexOf("\r\n\r\n");
      if (end >= 0) return parseHead(decoder.decode(bytes.subarray(0, end)), bytes.subarray(end + 4));
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function parseHead(head: string, rest: Uint8Array): RequestHead | undefined {
  const [first = "", ...lines] = head.split("\r\n");
  const [method = "", target = "", version = ""] = first.split(" ");
  if (!version.startsWith("HTTP/1.")) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const url = URL.parse(target, "http://localhost");
  return url === null ? undefined : { method, url, headers, rest };
}

export async function writeAnswer(conn: Deno.Conn, answer: Answer): Promise<void> {
  const body = new TextEncoder().encode(answer.body);
  const headers = { "content-type": "application/json", ...answer.headers };
  const head = new TextEncoder().encode(
    `HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? "Status"}\r\n` +
      Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("") +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n`,
  );
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Closes a connection that may be closed already. */
export function shut(conn: Deno.Conn | Deno.Listener): void {
  try {
    conn.close();
  } catch {
    // It was closed by the other end or by another fault.
  }
}
