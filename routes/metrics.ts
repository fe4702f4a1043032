import type { Context } from "hono";
import { describeRoute } from "hono-openapi";
import type { Env } from "../ui/env.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getMetrics",
  summary: "What the program counts and measures, for Prometheus",
  responses: {
    200: {
      description: "Metrics in Prometheus' text format, version 0.0.4",
      content: { "text/plain": { schema: { type: "string" as const } } },
    },
  },
});

export const GET = [describe, async (c: Context<Env>) => {
  const { contentType, text } = await c.get("app").metrics.scrape();
  return c.body(text, 200, { "content-type": contentType });
}];
