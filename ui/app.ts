/** Makes one Hono application of the routes, the islands and the static files. */
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { h } from "preact";
import type { Log } from "../core/ports/log.ts";
import { access, type AccessSettings } from "./access/access.ts";
import { type Assets, loadAssets } from "./assets.ts";
import { ErrorPage, renderDocument } from "./document.tsx";
import type { AppContext, Env } from "./env.ts";
import { registerIslands } from "./islands.ts";
import { problem } from "./problem.ts";
import {
  bySpecificity,
  type Manifest,
  METHODS,
  type PageModule,
  type RouteHandler,
  type RouteModule,
  routePath,
} from "./route.ts";
import { securityHeaders } from "./security.ts";

interface AppOptions {
  /** Default: the project's static/ folder. */
  assets?: Assets;
  /** Told of exceptions, which the client sees as 500 without their text. Default: the console. */
  reportError?: (error: unknown, c: Context) => void;
  /** Who may ask. Default: nothing is set, so changes are for this machine only. */
  access?: Partial<AccessSettings>;
  /** Told of wrong tokens. */
  log?: Pick<Log, "warning">;
}

/** Ready for `Deno.serve(app.fetch)`, and for `app.request()` in a test. */
export function createApp(context: AppContext, manifest: Manifest, options: AppOptions = {}): Hono<Env> {
  const { assets = loadAssets(), reportError = (error) => console.error(error) } = options;
  registerIslands(manifest.islands);
  const app = new Hono<Env>();

  app.use(headWithoutBody, securityHeaders, ...access(options.access, options.log), async (c, next) => {
    c.set("app", context);
    await next();
  });

  const files = Object.keys(manifest.routes);
  const pages = new Set<string>();
  for (const [path, file] of files.map((file) => [routePath(file), file] as const).sort(byPath)) {
    const module = manifest.routes[file]!;
    const handlers = isPage(module) ? { GET: page(module, assets) } : module;
    if (isPage(module)) pages.add(path);
    mount(app, path, handlers);
  }

  app.notFound((c) => {
    const asset = ["GET", "HEAD"].includes(c.req.method) ? assets.respond(c) : undefined;
    const detail = `There is nothing at ${c.req.path}`;
    return asset ?? answer(c, wantsHtml(c), { status: 404, title: "Not found", detail });
  });
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return problem(c, {
        status: error.status as ContentfulStatusCode,
        title: error.message || "Bad request",
      });
    }
    reportError(error, c);
    const detail = "The program failed on this request; its log says why";
    return answer(c, pages.has(c.req.path) && wantsHtml(c), { status: 500, title: "Internal error", detail });
  });
  return app;

  function answer(
    c: Context,
    html: boolean,
    failure: { status: ContentfulStatusCode; title: string; detail: string },
  ): Response | Promise<Response> {
    if (!html) return problem(c, failure);
    const title = `${failure.title} · MarketFlow`;
    return c.html(renderDocument({ title, assets, children: h(ErrorPage, failure) }), failure.status);
  }
}

/** One path with all its methods; any other method is 405 with what is allowed. */
function mount(app: Hono<Env>, path: string, module: RouteModule): void {
  const allowed: string[] = [];
  for (const method of METHODS) {
    const handlers = module[method];
    if (handlers === undefined) continue;
    allowed.push(...method === "GET" ? ["GET", "HEAD"] : [method]);
    app.on(method, [path], ...[handlers].flat() as [RouteHandler]);
  }
  const allow = [...allowed, "OPTIONS"].join(", ");
  app.all(path, (c) => {
    c.header("allow", allow);
    if (c.req.method === "OPTIONS") return c.body(null, 204);
    const detail = `${c.req.path} does not take ${c.req.method}; use ${allowed.join(", ")}`;
    return problem(c, { status: 405, title: "Method not allowed", detail });
  });
}

function page(module: PageModule<unknown>, assets: Assets): RouteHandler {
  const { default: Page, load, title = "MarketFlow", description, styles } = module;
  return async (c: Context<Env>) => {
    const data = await load?.(c);
    if (data instanceof Response) return data;
    const children = h(Page, { data, url: new URL(c.req.url) });
    const name = typeof title === "string" ? title : title(data);
    return c.html(renderDocument({ title: name, description, styles, assets, children }));
  };
}

/** Hono answers HEAD from GET and drops the body unread, which would leave a stream running. */
async function headWithoutBody(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  if (c.req.raw.method === "HEAD") await c.res.body?.cancel();
}

// deno-lint-ignore no-explicit-any
function isPage(module: RouteModule | PageModule<any>): module is PageModule<any> {
  return "default" in module;
}

function wantsHtml(c: Context): boolean {
  return c.req.header("accept")?.includes("text/html") ?? false;
}

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return bySpecificity(a, b);
}
