import type { Context } from "hono";
import { z } from "zod";
import type { Env } from "../../ui/env.ts";
import { describeRoute, problemOf, queryParameters } from "../_describe.ts";
import { readQuery } from "../_query.ts";
import {
  ClosedOpportunitySchema,
  FilterQuery,
  OpportunitiesSchema,
  OpportunitySchema,
} from "../_schemas/opportunities.ts";
import { streamResponse } from "../_sse.ts";

const describe = describeRoute({
  tags: ["opportunities"],
  operationId: "streamOpportunities",
  summary: "Opportunities as they open, change and close, as server-sent events",
  description: [
    "`snapshot` comes first and carries what `GET /opportunities` would; then one `opportunity` for each opening and " +
    "change, and one `closed` for each end. An opportunity that falls below `minNetBps` of this stream is `closed` " +
    "with the reason `below_filter`. A change of mode brings a new `snapshot`.",
    "Every event has an integer `id` that grows, also across restarts of the program. A client that comes back with " +
    "`Last-Event-ID` (browsers send it by themselves) gets the events that it missed, or a new `snapshot` where they " +
    "are not known any more. So a `snapshot` always replaces everything that came before it.",
    "Changes of one opportunity come at most every `server.stream.conflateMs`, the latest wins. A comment comes at " +
    "least every 15 s. A client that stops reading is disconnected when `server.stream.maxBufferedBytes` wait for it.",
  ].join("\n\n"),
  parameters: [
    ...queryParameters(FilterQuery),
    {
      in: "query",
      name: "lastEventId",
      description: "Same as the header `Last-Event-ID`, for clients that cannot set it; the header wins",
      schema: { type: "string" },
    },
    {
      in: "header",
      name: "Last-Event-ID",
      description: "Id of the last event that was received",
      schema: { type: "string" },
    },
  ],
  responses: {
    200: {
      description: "The stream. The schema is that of the JSON in `data:`, by kind of event",
      content: {
        "text/event-stream": {
          schema: z.union([OpportunitiesSchema, OpportunitySchema, ClosedOpportunitySchema]),
        },
      },
    },
    400: problemOf("All parameters that are not valid; an unknown symbol or exchange is one of them"),
    503: problemOf("All places for streams are taken; `Retry-After` says when to try again"),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const filter = readQuery(c, FilterQuery);
  if (filter instanceof Response) return filter;
  return streamResponse(c, filter, lastEventId(c));
}];

/** Undefined where there is none. Anything but the digits of an id is not a number, and so answered with a snapshot. */
function lastEventId(c: Context): number | undefined {
  const text = c.req.header("last-event-id") || c.req.query("lastEventId");
  return text ? Number(/^\d{1,16}$/u.test(text) ? text : NaN) : undefined;
}
