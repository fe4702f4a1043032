import type { Context } from "hono";
import type { Env } from "../../ui/env.ts";
import { describeRoute, json } from "../_describe.ts";
import { ModeStatusSchema } from "../_schemas/program.ts";
import { modeJson } from "./_switch.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getMode",
  summary: "The present mode",
  responses: { 200: json("The mode", ModeStatusSchema) },
});

export const GET = [describe, (c: Context<Env>) => c.json(modeJson(c.get("app").market.modeStatus()))];
