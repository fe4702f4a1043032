import type { Context } from "hono";
import { healthJson } from "../core/app/wire.ts";
import type { Env } from "../ui/env.ts";
import { describeRoute, json } from "./_describe.ts";
import { HealthSchema } from "./_schemas/program.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getHealth",
  summary: "Whether the process can do its job",
  responses: {
    200: json("It can, all of it or some", HealthSchema),
    503: json("It cannot: `status` is `down`", HealthSchema),
  },
});

export const GET = [describe, (c: Context<Env>) => {
  const health = c.get("app").market.health();
  return c.json(healthJson(health), health.status === "down" ? 503 : 200);
}];
