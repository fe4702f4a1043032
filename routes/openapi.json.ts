import { type Context, Hono } from "hono";
import { describeRoute, generateSpecs } from "hono-openapi";
import type { Env } from "../ui/env.ts";
// The manifest imports this file too. That is a circle, and harmless: it is looked at on the first request only.
import { manifest } from "../ui/manifest.gen.ts";
import { METHODS, type RouteHandler, type RouteModule, routePath } from "../ui/route.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getOpenApi",
  summary: "This description",
  responses: { 200: { description: "An OpenAPI 3.1 document", content: { "application/json": {} } } },
});

let document: Promise<unknown> | undefined;

export const GET = [describe, async (c: Context<Env>) => {
  document ??= describeAll(c.get("app").version);
  return c.json(await document as object);
}];

/** Reads the descriptions off the handlers of all routes; pages have none. */
function describeAll(version: string): Promise<unknown> {
  const routes = new Hono<Env>();
  for (const [file, module] of Object.entries(manifest.routes)) {
    for (const method of METHODS) {
      const handlers = (module as RouteModule)[method];
      if (handlers) routes.on(method, [routePath(file)], ...[handlers].flat() as [RouteHandler]);
    }
  }
  return generateSpecs(routes, {
    // Or this document would leave itself out.
    excludeStaticFile: false,
    documentation: {
      info: {
        title: "MarketFlow",
        version,
        description:
          "Best bid and ask of many exchanges, what their prices did, and the price differences between them that " +
          "are real. " +
          "Times are in milliseconds since the epoch, edges in basis points (1 bps is 0.01 %). Errors are problem " +
          "documents (RFC 9457).",
        license: { name: "MIT", identifier: "MIT" },
      },
      tags: [
        { name: "prices", description: "Best bid and ask, and what prices did" },
        { name: "opportunities", description: "Price differences that are real, open and past" },
        { name: "program", description: "What MarketFlow says of itself" },
      ],
    },
  });
}
