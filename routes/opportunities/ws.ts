import type { Context } from "hono";
import type { Env } from "../../ui/env.ts";
import { describeRoute, queryParameters } from "../_describe.ts";
import { FilterQuery } from "../_schemas/opportunities.ts";
import { lastSequenceParameter, socketResponse, socketResponses } from "../_ws.ts";

const describe = describeRoute({
  tags: ["opportunities"],
  operationId: "followOpportunities",
  summary: "Opportunities as they open, change and close, over a WebSocket",
  description: [
    "Messages are `marketflow.v1.StreamMessage` of `proto/marketflow.proto` (subprotocol `marketflow.v1.protobuf`) or the " +
    "same as JSON (`marketflow.v1.json`): `subscribed`, `opportunitySnapshot` with what is open, then one " +
    "`opportunityUpdate` for each opening and change and one `opportunityClose` for each end; `heartbeat` in between. " +
    "They say the same as `GET /opportunities/stream`, and their `sequence` is its `id`.",
    "A client may send a `ClientMessage` to ask for another filter. A client that comes back with the `sequence` that it " +
    "saw last gets what it missed, or a new snapshot where that is not known any more. For a client that falls behind, " +
    "changes are conflated: it gets the latest of each opportunity. One that stops reading is disconnected when " +
    "`server.stream.maxBufferedBytes` wait for it.",
  ].join("\n\n"),
  parameters: [...queryParameters(FilterQuery), lastSequenceParameter],
  responses: socketResponses,
});

export const GET = [describe, (c: Context<Env>) => {
  const { streams } = c.get("app");
  return socketResponse(c, {
    filter: FilterQuery,
    connect: (filter, { protocol, lastSequence, ended }) =>
      streams.connect(filter, {
        encoder: protocol.opportunities,
        lastEventId: lastSequence,
        conflates: true,
        ended,
      }),
  });
}];
