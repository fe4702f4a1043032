/** How a response gets to a peer, which may be slow, stop reading, or leave. */
import type { ServerResponse } from "node:http";

/**
 * Ordinary answers are read whole and sent with their length. Passed on piece by piece are event streams, and what says
 * of itself that it comes in chunks (`transfer-encoding: chunked`).
 */
const EVENT_STREAM = "text/event-stream";
/** A reader that takes nothing of an answer for this long is cut, so that nothing is held for it for ever. */
const STALLED_AFTER_MS = 60_000;
const SLICE_BYTES = 65_536;

export interface Broken {
  reason: unknown;
  /** Readers of events are cut by their hub as a matter of course. */
  unexpected: boolean;
}

/** Returns what broke an answer off in the middle; undefined where all of it went out, or where the peer left. */
export async function send(
  response: Response,
  outgoing: ServerResponse,
  stalledAfterMs = STALLED_AFTER_MS,
): Promise<Broken | undefined> {
  for (const [name, value] of response.headers) {
    // How a body is framed is the server's own: HTTP/1.0, which nginx speaks to it, knows no chunks.
    if (name !== "set-cookie" && name !== "transfer-encoding") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.statusCode = response.status;
  const events = response.headers.get("content-type")?.startsWith(EVENT_STREAM) ?? false;
  if (response.body && (events || response.headers.get("transfer-encoding") === "chunked")) {
    outgoing.flushHeaders();
    // Readers of events are cut by their hub, which knows how much waits for them.
    const reason = await pipe(response.body, outgoing, events ? undefined : stalledAfterMs);
    return reason === undefined ? undefined : { reason, unexpected: !events };
  }
  if (response.body === null) return void outgoing.end();
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.setHeader("content-length", body.length);
  const reason = await pipe(ReadableStream.from(slicesOf(body)), outgoing, stalledAfterMs);
  return reason === undefined ? undefined : { reason, unexpected: true };
}

/** So that a reader that takes some of a long answer is told from one that takes nothing. */
function* slicesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < body.length; from += SLICE_BYTES) yield body.subarray(from, from + SLICE_BYTES);
}

/**
 * Passes a stream on, piece by piece, never more than the peer takes. Ends when either side does. Returns why the body
 * could not be passed on to its end, undefined where it was, or where the peer left.
 */
async function pipe(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  stalledAfterMs: number | undefined,
): Promise<unknown> {
  const reader = body.getReader();
  let taken = () => {};
  let gone = outgoing.destroyed;
  outgoing.on("drain", () => taken());
  outgoing.on("finish", () => taken());
  outgoing.on("close", () => {
    gone = true;
    taken();
    reader.cancel().catch(() => {});
  });
  if (gone) return void await reader.cancel();
  let stalled: ReturnType<typeof setTimeout> | undefined;
  const untilTaken = async () => {
    await new Promise<void>((resolve, reject) => {
      taken = resolve;
      const watch = () => {
        // One that waits for others before it has no connection yet.
        if (outgoing.socket === null) stalled = setTimeout(watch, stalledAfterMs);
        else reject(new Error("The reader stopped reading"));
      };
      if (stalledAfterMs !== undefined) stalled = setTimeout(watch, stalledAfterMs);
    });
    clearTimeout(stalled);
  };
  try {
    while (!gone) {
      const { done, value } = await reader.read();
      if (done) break;
      // A chunk without bytes would end the body.
      if (value.length > 0 && !outgoing.write(value) && !gone) await untilTaken();
    }
    if (gone) return;
    outgoing.end();
    if (!outgoing.writableFinished) await untilTaken();
  } catch (error) {
    reader.cancel().catch(() => {});
    return error ?? new Error("The body failed");
  } finally {
    clearTimeout(stalled);
  }
}
