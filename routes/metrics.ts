import type { Context } from "hono";
import { z } from "zod";
import type { Env } from "../ui/env.ts";
import { describeRoute } from "./_describe.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getMetrics",
  summary: "What the program counts and measures, for Prometheus",
  responses: {
    200: {
      description: "Metrics in Prometheus' text format, version 0.0.4",
      content: { "text/plain": { schema: z.string() } },
    },
  },
});

export const GET = [describe, async (c: Context<Env>) => {
  const { contentType, text } = await c.get("app").metrics.scrape();
  return c.body(text, 200, { "content-type": contentType });
}];
