/** What every response carries, and what no foreign page may do. */
import type { MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";

/** No script and no style but our own files; `data:` images are those inside Swagger UI's style sheet. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const headers = c.res.headers;
  headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-opener-policy", "same-origin");
  // Prices are old the moment they are sent.
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
};

/**
 * Refuses changes that a page of another site asks for: the program has no login, so a visit to a foreign page must
 * not be enough to switch its mode. Tools without these headers are let through.
 */
export const sameOriginChanges: MiddlewareHandler = async (c, next) => {
  if (["GET", "HEAD", "OPTIONS"].includes(c.req.method)) return await next();
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  // Browsers leave `sec-fetch-site` out where the address is neither https nor this machine.
  const foreign = site === undefined
    ? origin !== undefined && !sameHost(origin, c.req.header("host"))
    : site !== "same-origin" && site !== "none";
  if (!foreign) return await next();
  return problem(c, {
    status: 403,
    title: "Request from another site",
    detail: "Send changes from the program's own page, or from a tool that is not a browser",
  });
};

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
