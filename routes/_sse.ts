/** A stream of the hub as the body of a response. */
import type { Context } from "hono";
import type { Filter } from "../core/app/opportunities.ts";
import type { StreamClient, StreamEnd } from "../core/app/stream.ts";
import type { Connection } from "../core/ports/connection.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";

const RETRY_AFTER_S = "5";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx would hold events back to fill its buffers.
  "x-accel-buffering": "no",
};

/** Answers with the stream of a filter, or says why there is none now. */
export function streamResponse(c: Context<Env>, filter: Filter, lastEventId?: number): Response {
  const connection = (c.env as { connection?: Connection } | undefined)?.connection;
  let cut = (_: Error) => {};
  const ended = (end: StreamEnd) => {
    if (end !== "slow") return;
    cut(new Error("Cut: the reader stopped reading"));
    connection?.reset();
  };
  const { streams, sse } = c.get("app");
  const client = streams.connect(filter, { encoder: sse, lastEventId, ended });
  if ("refused" in client) return noStream(c, client.refused);
  const body = pullFrom(client, (error) => cut = error);
  return c.body(body, 200, HEADERS);
}

export function noStream(c: Context<Env>, refused: "full" | "closed"): Response {
  c.header("Retry-After", RETRY_AFTER_S);
  return problem(c, {
    status: 503,
    title: refused === "full" ? "Too many streams" : "Shutting down",
    detail: refused === "full"
      ? `All places for streams are taken: try again in ${RETRY_AFTER_S} s, or raise server.stream.maxClients`
      : `The program is shutting down: try again in ${RETRY_AFTER_S} s`,
  });
}

/** Nothing is buffered here: the next bytes leave the hub's queue when the server asks for them. */
function pullFrom(
  client: StreamClient,
  onCut: (cut: (error: Error) => void) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => onCut((error) => controller.error(error)),
    async pull(controller) {
      const events = await client.next();
      if (events) controller.enqueue(joined(events));
      else if (client.end !== "slow") controller.close();
    },
    cancel: () => client.leave(),
  }, { highWaterMark: 0 });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
