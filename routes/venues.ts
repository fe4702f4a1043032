import type { Context } from "hono";
import type { Env } from "../ui/env.ts";
import { describeRoute, json } from "./_describe.ts";
import { VenuesSchema } from "./_schemas/program.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getVenues",
  summary: "The venues of the present mode and what they deliver",
  responses: { 200: json("The venues", VenuesSchema) },
});

export const GET = [describe, (c: Context<Env>) => {
  const { market } = c.get("app");
  return c.json({ mode: market.mode, venues: market.venues() });
}];
