/** How much one client may ask for. Those on this machine may ask for all of it. */
import type { Context, MiddlewareHandler } from "hono";
import { problem } from "../problem.ts";
import type { Buckets } from "./buckets.ts";
import { clientOf, exchangeOf } from "./client.ts";

export function limits(buckets: Buckets): MiddlewareHandler {
  return async (c, next) => {
    const { local, group } = clientOf(c);
    if (local) return await next();
    const waitS = buckets.take(group);
    if (waitS > 0) return refuse(c, waitS, `This address asks too often: try again in ${waitS} s`);
    const leave = buckets.enter(group);
    if (leave === undefined) {
      return refuse(c, 5, "This address has too many requests and streams open: close some of them");
    }
    const exchange = exchangeOf(c);
    exchange?.ended(leave);
    await next();
    if (exchange === undefined) leave();
  };
}

function refuse(c: Context, waitS: number, detail: string): Response {
  c.header("retry-after", String(waitS));
  return problem(c, { status: 429, title: "Too many requests", detail });
}
