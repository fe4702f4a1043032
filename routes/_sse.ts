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
  const client = c.get("app").streams.connect(filter, { lastEventId, ended });
  if ("refused" in client) {
    c.header("Retry-After", RETRY_AFTER_S);
    return problem(c, {
      status: 503,
      title: client.refused === "full" ? "Too many streams" : "Shutting down",
      detail: client.refused === "full"
        ? `All places for streams are taken: try again in ${RETRY_AFTER_S} s, or raise server.stream.maxClients`
        : `The program is shutting down: try again in ${RETRY_AFTER_S} s`,
    });
  }
  const body = pullFrom(client, (error) => cut = error);
  return c.body(body, 200, HEADERS);
}

/** Nothing is buffered here: the next bytes leave the hub's queue when the server asks for them. */
function pullFrom(
  client: StreamClient,
  onCut: (cut: (error: Error) => void) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => onCut((error) => controller.error(error)),
    async pull(controller) {
      const bytes = await client.next();
      if (bytes) controller.enqueue(bytes);
      else if (client.end !== "slow") controller.close();
    },
    cancel: () => client.leave(),
  }, { highWaterMark: 0 });
}
