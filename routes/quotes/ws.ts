import type { Context } from "hono";
import { z } from "zod";
import type { Env } from "../../ui/env.ts";
import { describeRoute, queryParameters } from "../_describe.ts";
import { FilterQuery } from "../_schemas/opportunities.ts";
import { lastSequenceParameter, socketResponse, socketResponses } from "../_ws.ts";

const QuotesFilter = z.object({
  symbol: FilterQuery.shape.symbol,
  exchange: z.string().optional().meta({ description: "Only quotes of this exchange" }),
});

const describe = describeRoute({
  tags: ["prices"],
  operationId: "followQuotes",
  summary: "Quotes as they change, over a WebSocket",
  description: [
    "Messages are `marketflow.v1.StreamMessage` of `proto/marketflow.proto` (subprotocol `marketflow.v1.protobuf`) or the " +
    "same as JSON (`marketflow.v1.json`): `subscribed`, `quoteSnapshot` with all quotes, then `quoteUpdate` with those that " +
    "changed, at most every `server.stream.quotesEveryMs`, the latest of each; `heartbeat` where nothing changes.",
    "A client may send a `ClientMessage` to ask for another filter. A client that comes back with the `sequence` that it " +
    "saw last gets what changed since.",
  ].join("\n\n"),
  parameters: [...queryParameters(QuotesFilter), lastSequenceParameter],
  responses: socketResponses,
});

export const GET = [describe, (c: Context<Env>) => {
  const { quoteStreams } = c.get("app");
  return socketResponse(c, {
    filter: QuotesFilter,
    connect: (filter, { protocol, lastSequence, ended }) =>
      quoteStreams.connect(filter, { encoder: protocol.quotes, lastSequence, ended }),
  });
}];
