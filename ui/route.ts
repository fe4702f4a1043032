/**
 * What a file under routes/ is (Fresh's shape).
 *
 * - The path of the file is the path of the URL: `routes/prices/latest/[symbol].ts` answers
 *   `/prices/latest/:symbol`, `routes/openapi.json.ts` answers `/openapi.json`, `index` is the folder itself.
 *   A static segment wins over a parameter.
 * - A `.ts` file exports `GET`, `POST`, … each one Hono handler, or an array of middleware and handlers.
 * - A `.tsx` file is a page: `default` is its component, `load` gets its data, `title` (a text, or made of the data),
 *   `description` and `styles` (sheets under static/) go to the head of the document. A page may answer by itself:
 *   `load` can return a `Response`; the status that it sets on the context is that of the page.
 * - Files that start with `_` and tests are not routes.
 */
import type { Context, Handler, MiddlewareHandler } from "hono";
import type { ComponentType } from "preact";
import type { Env } from "./env.ts";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = typeof METHODS[number];

// `any` because each validator widens the type of the handlers after it; Hono itself checks them where they are made.
// deno-lint-ignore no-explicit-any
export type RouteHandler = Handler<Env, any, any, any> | MiddlewareHandler<Env, any, any>;

export type RouteModule = { readonly [method in Method]?: RouteHandler | readonly RouteHandler[] };

export interface PageProps<Data = undefined> {
  data: Data;
  url: URL;
}

export interface PageModule<Data = undefined> {
  readonly default: ComponentType<PageProps<Data>>;
  readonly load?: (c: Context<Env>) => Data | Response | Promise<Data | Response>;
  readonly title?: string | ((data: Data) => string);
  readonly description?: string;
  readonly styles?: readonly string[];
}

/** Written by ui/generate.ts: static imports, so that type checks, watching and compiling see everything. */
export interface Manifest {
  /** By path under routes/, for example `prices/latest/[symbol].ts`. */
  // deno-lint-ignore no-explicit-any
  readonly routes: Readonly<Record<string, RouteModule | PageModule<any>>>;
  /** By name of the file under islands/, without extension. */
  // deno-lint-ignore no-explicit-any
  readonly islands: Readonly<Record<string, ComponentType<any>>>;
}

/** `prices/latest/[symbol].ts` → `/prices/latest/:symbol`. */
export function routePath(file: string): string {
  const segments = file.replace(/\.tsx?$/u, "").split("/");
  if (segments.at(-1) === "index") segments.pop();
  return "/" + segments.map((segment) => segment.replace(/^\[(\w+)\]$/u, ":$1")).join("/");
}

/** Puts `/mode/live` before `/mode/:name`: the first route that fits answers. */
export function bySpecificity(a: string, b: string): number {
  const rank = (path: string) => path.split("/").map((segment) => segment.startsWith(":") ? 1 : 0).join("");
  return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a < b ? -1 : 1;
}
