/** Pages of other sites: which may read (CORS), and that none gets further. */
import type { Context, MiddlewareHandler } from "hono";
import { problem } from "../problem.ts";
import { asksForWebSocket } from "./client.ts";

/** A browser remembers for this long that it may ask. */
const PREFLIGHT_S = "3600";

/**
 * Lets pages of these origins read by CORS (WHATWG Fetch); `*` is all of them. Never with what the browser keeps for
 * this site: a page that needs a token brings its own. CORS does not hold for WebSockets, so those of other pages are
 * refused here.
 */
export function foreignReaders(origins: readonly string[]): MiddlewareHandler {
  const allowed = (origin: string) => origins.includes("*") || origins.includes(origin);
  return async (c, next) => {
    const origin = c.req.header("origin");
    const foreign = origin !== undefined && !isOwnOrigin(c, origin);
    if (foreign && !allowed(origin)) {
      if (asksForWebSocket(c)) return refuse(c);
      await next();
    } else if (foreign && isPreflight(c)) {
      c.res = c.body(null, 204, {
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "Authorization, Last-Event-ID",
        "access-control-max-age": PREFLIGHT_S,
      });
    } else await next();
    if (origins.length === 0) return;
    const { headers } = c.res;
    if (!origins.includes("*")) headers.append("vary", "Origin");
    if (!foreign || !allowed(origin)) return;
    headers.set("access-control-allow-origin", origins.includes("*") ? "*" : origin);
    headers.set("access-control-expose-headers", "Retry-After, Content-Disposition");
  };
}

/** The page is of the host that it asks. */
export function isOwnOrigin(c: Context, origin: string): boolean {
  const page = URL.parse(origin);
  return page !== null && page.host !== "" &&
    page.host === URL.parse(`${page.protocol}//${c.req.header("host")}`)?.host;
}

/**
 * Refuses changes that a page of another site asks for: its visitor may be one who may change things. Tools without these
 * headers are let through.
 */
export const sameOriginChanges: MiddlewareHandler = async (c, next) => {
  if (isReading(c)) return await next();
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  // Browsers leave `sec-fetch-site` out where the address is neither https nor this machine.
  const foreign = site === undefined
    ? origin !== undefined && !isOwnOrigin(c, origin)
    : site !== "same-origin" && site !== "none";
  return foreign ? refuse(c) : await next();
};

export function isReading(c: Context): boolean {
  return ["GET", "HEAD", "OPTIONS"].includes(c.req.method);
}

function isPreflight(c: Context): boolean {
  return c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
}

function refuse(c: Context): Response {
  return problem(c, {
    status: 403,
    title: "Request from another site",
    detail: asksForWebSocket(c)
      ? "Open WebSockets from the program's own page, or add the origin of yours to server.corsOrigins"
      : "Send changes from the program's own page, or from a tool that is not a browser",
  });
}
