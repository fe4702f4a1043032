/** From what arrived to a request of the platform, or to what is wrong with it (RFC 9112). */
import type http from "node:http";
import type { Refusal } from "./refusal.ts";

/** The longest address; the parser's own bound is for all of the header. */
const MAX_TARGET = 8_192;
/** No route takes a body, so this is for clients that send one all the same. */
const MAX_BODY_BYTES = 65_536;

/** A host and a port as they may stand in a URL, and nothing that would go on into its path. */
const HOST = /^(?:[a-z0-9._~%!$&'()*+,;=-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/iu;
/**
 * Spellings of a path that this server, a proxy before it and a file system each understand in their own way: dot segments,
 * backslashes, NUL, fragments. Whoever means something writes it plainly.
 */
const AMBIGUOUS = /\\|%5c|%00|#|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/iu;
/** What the platform's requests cannot be. */
const FORBIDDEN_METHODS = ["CONNECT", "TRACE", "TRACK"];

const bad = (detail: string): Refusal => ({ status: 400, detail });

/** Of the header alone; what to do with a body is for `dropBody` to say. */
export function toRequest(incoming: http.IncomingMessage): Request | Refusal {
  const { url: target = "/", method = "GET", rawHeaders } = incoming;
  if (target.length > MAX_TARGET) {
    return { status: 414, detail: `The address is longer than ${MAX_TARGET} characters` };
  }
  if (FORBIDDEN_METHODS.includes(method)) {
    return { status: 405, detail: `${method} is not served here`, headers: { allow: "GET, HEAD" } };
  }
  if (!["1.0", "1.1"].includes(incoming.httpVersion)) {
    return bad("Only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  const headers = new Headers();
  let hosts = 0;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
    if (rawHeaders[i]!.toLowerCase() === "host") hosts++;
  }
  const host = incoming.headers.host ?? "localhost";
  // HTTP/1.0 may leave it out.
  if (hosts > 1 || (hosts === 0 && incoming.httpVersion !== "1.0") || !HOST.test(host)) {
    return bad("Send one Host header, with a host and nothing else");
  }
  const path = target.replace(/^https?:\/\/[^/?]*/iu, "").replace(/\?.*$/su, "");
  if (AMBIGUOUS.test(path)) return bad("Write the path without dot segments, backslashes, NUL and fragments");
  const url = URL.parse(target.startsWith("/") ? `http://${host}${target}` : target);
  if (!url || !/^https?:$/u.test(url.protocol) || url.username !== "" || url.password !== "") {
    return bad("The address is no path and no URL of http");
  }
  return new Request(url, { method, headers });
}

export function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}

/**
 * Reads the body to its end and forgets it, so that the connection can serve the next request. `gone` where it has no end:
 * the peer left, or sent what is no body, which the parser tells. Then nothing must come of the request.
 */
export function dropBody(incoming: http.IncomingMessage): Promise<Refusal | "gone" | undefined> {
  const { "content-length": length = "0", "transfer-encoding": coding } = incoming.headers;
  const tooLarge: Refusal = {
    status: 413,
    detail: `No body is taken here, and none is over ${MAX_BODY_BYTES} bytes`,
  };
  if (Number(length) > MAX_BODY_BYTES) return Promise.resolve(tooLarge);
  // Another coding, or two, would be understood differently by whoever stands between.
  if (coding !== undefined && (coding.toLowerCase() !== "chunked" || incoming.httpVersion === "1.0")) {
    return Promise.resolve(bad("Bodies come with a length, or in chunks"));
  }
  return new Promise((resolve) => {
    let bytes = 0;
    incoming.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) resolve(tooLarge);
    });
    incoming.on("end", () => resolve(undefined));
    incoming.on("close", () => resolve("gone"));
    incoming.on("error", () => resolve("gone"));
  });
}

/** What the parser did not understand. Undefined where the peer simply went. */
export function refusalOf(error: Error & { code?: string; rawPacket?: Uint8Array }): Refusal | undefined {
  switch (error.code) {
    case "ECONNRESET":
    case "EPIPE":
      return undefined;
    case "HPE_HEADER_OVERFLOW": {
      const begin = new TextDecoder().decode(error.rawPacket?.subarray(0, MAX_TARGET));
      return /^[A-Z]+ [^\n]*$/u.test(begin)
        ? { status: 414, detail: `The address is longer than ${MAX_TARGET} characters` }
        : { status: 431, detail: "The header is longer than 16 KB" };
    }
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, detail: "The request took too long to arrive" };
    default:
      return bad("This is no valid HTTP/1.1 request");
  }
}
