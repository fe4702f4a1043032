/** Bytes to the program and what it answers, without a client that would put them right. */
import assert from "node:assert/strict";
import { PATIENCE_MS } from "../program/process.ts";

export interface Answer {
  /** 0: the connection was closed without one. */
  status: number;
  headers: Headers;
  /** As much of it as arrived with the header, or all of it where it has a length. */
  body: string;
}

/**
 * After so long a request that may be half of one ends. Not so one that is whole: a server that takes this long for its
 * answer, as on a busy machine, would keep it from whoever has left.
 */
const END_OF_REQUEST_MS = 500;

/** One byte a character, so that a text can be anything. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // By hand: some are megabytes, and nothing else is heard in the meantime.
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/**
 * Sends bytes on a connection of their own and reads the first answer. Fails where none comes and nothing ends.
 * `ends`: their sender sends no more after a while.
 */
export async function send(url: string, bytes: Uint8Array | string, ends = false): Promise<Answer> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const timer = setTimeout(() => connection.close(), PATIENCE_MS);
  const end = () => void connection.closeWrite().catch(() => {});
  const half = ends ? setTimeout(end, END_OF_REQUEST_MS) : undefined;
  try {
    const written = writeAll(connection, typeof bytes === "string" ? bytesOf(bytes) : bytes);
    const answer = await readAnswer(connection);
    clearTimeout(half);
    await Promise.race([written, answer]);
    return answer;
  } catch (error) {
    if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
      assert.fail("Neither an answer nor an end");
    }
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(half);
  }
}

/** Ends quietly where the peer does not take more. */
async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
  } catch { /* what it answered counts */ }
}

export async function readAnswer(connection: Deno.Conn): Promise<Answer> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    const answer = end === -1 ? undefined : parse(text.slice(0, end), text.slice(end + 4));
    const length = Number(answer?.headers.get("content-length") ?? 0);
    if (answer && answer.status !== 100 && answer.body.length >= length) {
      // Of an answer without a length all that is there; behind one with a length there may be the next.
      return answer.headers.has("content-length")
        ? { ...answer, body: answer.body.slice(0, length) }
        : answer;
    }
    if (answer?.status === 100) text = text.slice(end + 4);
    const count = await connection.read(buffer).catch((error) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (count === null) {
      // What answers HEAD tells the length of a body that it does not have.
      if (answer?.body === "") return answer;
      assert.equal(text, "", "The answer broke off");
      return { status: 0, headers: new Headers(), body: "" };
    }
    text += String.fromCharCode(...buffer.subarray(0, count));
  }
}

function parse(head: string, body: string): Answer {
  const [line = "", ...fields] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /u.exec(line)?.[1];
  assert.ok(status, `Not an answer: ${line}`);
  const headers = new Headers();
  for (const field of fields) {
    const colon = field.indexOf(":");
    headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
  }
  return { status: Number(status), headers, body };
}

/** What every refusal has: it is a 4xx in words, with nothing of the inside, and no page can be made to run it. */
export function assertClean({ status, headers, body }: Answer, what: string): void {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${body.slice(0, 200)}`);
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/u, what);
  assert.equal(headers.get("x-content-type-options"), "nosniff", what);
  assert.doesNotMatch(body, /\.ts:\d+|\bat (?:async )?\w+ \(|node:|ext:/u, what);
  // A page that is not there is one.
  if (headers.get("content-type")?.startsWith("text/html")) return;
  assert.equal(headers.get("content-type"), "application/problem+json", what);
  // HEAD has none.
  if (body === "") return;
  assert.equal(JSON.parse(body).status, status, what);
}
