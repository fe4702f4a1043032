import type { Context } from "hono";
import { z } from "zod";
import type { Env } from "../ui/env.ts";
// The manifest imports this file too. That is a circle, and harmless: it is looked at on the first request only.
import { manifest } from "../ui/manifest.gen.ts";
import { METHODS, type RouteModule, routePath } from "../ui/route.ts";
import { type Described, describeRoute, type Operation } from "./_describe.ts";

const describe = describeRoute({
  tags: ["program"],
  operationId: "getOpenApi",
  summary: "This description",
  responses: { 200: { description: "An OpenAPI 3.1 document", content: { "application/json": {} } } },
});

let document: object | undefined;

export const GET = [describe, (c: Context<Env>) => c.json(document ??= describeAll(c.get("app").version))];

function describeAll(version: string): object {
  return withComponents({
    openapi: "3.1.0",
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
    // Whether one is needed is for the settings to say, so none is an answer, too.
    security: [{}, { bearer: [] }, { basic: [] }],
    paths: pathsOf(manifest.routes),
  });
}

const TOKEN = "Needed once `server.readToken` is set, for changes `server.adminToken`";
const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: TOKEN },
  basic: { type: "http", scheme: "basic", description: `${TOKEN}; it is the password, with any user` },
};

/** Reads the descriptions off the handlers of all routes; pages have none. */
function pathsOf(routes: typeof manifest.routes): Record<string, Record<string, Operation>> {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [file, module] of Object.entries(routes)) {
    const path = routePath(file).replaceAll(/:(\w+)/gu, "{$1}");
    for (const method of METHODS) {
      const described = [(module as RouteModule)[method] ?? []].flat()
        .find((one): one is Described => "operation" in one);
      if (described) (paths[path] ??= {})[method.toLowerCase()] = described.operation;
    }
  }
  return paths;
}

/** The document with JSON Schema for zod's. Schemas that have an `id` go to its components and are referred to. */
function withComponents(document: object): object {
  const schemas: Record<string, unknown> = {};
  const text = JSON.stringify(document, (_key, value) => {
    if (!(value instanceof z.ZodType)) return value;
    // Inside another schema one with an `id` is a reference, as it is to be here, and not itself. As input, because
    // clients have to put up with fields that are new.
    const { items, $defs } = z.toJSONSchema(z.array(value), { io: "input" });
    for (const [id, { id: _, ...schema }] of Object.entries($defs ?? {})) schemas[id] = schema;
    return items;
  });
  const whole = JSON.stringify({
    ...JSON.parse(text),
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  });
  return JSON.parse(whole.replaceAll('"#/$defs/', '"#/components/schemas/'));
}
