/** Errors of the API as problem documents (RFC 9457). */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

export interface Problem {
  status: ContentfulStatusCode;
  /** The kind of problem in a few words; the same for every case of it. */
  title: string;
  /** What was wrong here, and what to do. Upper-case start, no full stop. */
  detail?: string;
  /** A URI for the kind of problem; without one it is `about:blank`, and the title says it all. */
  type?: string;
  /** Extensions: what a program can act on, for example the symbols that are known. */
  [extension: string]: unknown;
}

/** A response with `application/problem+json`. `instance` is the path that was asked for. */
export function problem(c: Context, { status, title, type = "about:blank", ...rest }: Problem): Response {
  return c.body(JSON.stringify({ type, title, status, instance: c.req.path, ...rest }), status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
}
