import type { Context } from "hono";
import type { ModeStatus } from "../../core/app/market.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { Env } from "../../ui/env.ts";
import { describeRoute, json, problemOf } from "../_describe.ts";
import { ModeStatusSchema } from "../_schemas/program.ts";

/** `POST /mode/<mode>`. Requests from pages of other sites are refused for all changes alike, before they get here. */
export function switchTo(mode: Mode) {
  const describe = describeRoute({
    tags: ["program"],
    operationId: `switchTo${mode === "live" ? "Live" : "Test"}`,
    summary: `Switch to ${mode} mode`,
    description:
      "Ends every worker of the other mode, closes its opportunities (reason `mode_switch`) and starts this " +
      "one; answers when it runs. In this mode already, it does nothing.",
    responses: {
      200: json("The mode after the switch", ModeStatusSchema),
      401: problemOf("`server.adminToken` is set and was not sent"),
      403: problemOf(
        "The request comes from a page of another site, or from elsewhere while no token is set",
      ),
      429: problemOf("Too many requests, or too many wrong tokens"),
    },
  });
  return [describe, async (c: Context<Env>) => {
    const { market, streams } = c.get("app");
    const status = await market.switchMode(mode);
    streams.checkMode();
    return c.json(modeJson(status));
  }];
}

export function modeJson(status: ModeStatus): ModeStatus {
  return { mode: status.mode, switching: status.switching, since: Math.round(status.since) };
}
