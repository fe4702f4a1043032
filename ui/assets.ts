/**
 * Static files, read whole into memory at start: a request can only name one of them, so there is no path to climb
 * out of. `static/styles.css` is served as `/styles.css`, the bundle of the islands under `/dist/`.
 */
import { createHash } from "node:crypto";
import { extname } from "node:path/posix";
import { gzipSync } from "node:zlib";
import type { Context } from "hono";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** What is worth compressing, once at start. */
const COMPRESSIBLE = /^text\/|json|svg/u;

interface Asset {
  body: Uint8Array<ArrayBuffer>;
  /** The body compressed; undefined for types that are so already. */
  gzip: Uint8Array<ArrayBuffer> | undefined;
  type: string;
  /** Hash of the content, without quotes. */
  tag: string;
}

export class Assets {
  readonly #files = new Map<string, Asset>();

  /** Adds a file under its URL path, for example `/styles.css`. */
  add(path: string, body: Uint8Array<ArrayBuffer>): void {
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    this.#files.set(path, {
      body,
      gzip: COMPRESSIBLE.test(type) ? new Uint8Array(gzipSync(body)) : undefined,
      type,
      tag: createHash("sha256").update(body).digest("hex").slice(0, 16),
    });
  }

  /** The address to write into a page: it changes with the content, so the browser may keep the file for ever. */
  url(path: string): string {
    const asset = this.#files.get(path);
    return asset ? `${path}?v=${asset.tag}` : path;
  }

  /** The bundle of the islands; undefined before `deno task build`, and pages then come without it. */
  get script(): string | undefined {
    return this.#files.keys().find((path) => /^\/dist\/client-\w+\.js$/u.test(path));
  }

  /** The file at this path, or undefined. */
  respond(c: Context): Response | undefined {
    const asset = this.#files.get(c.req.path);
    if (!asset) return undefined;
    const named = c.req.path.startsWith("/dist/") || c.req.query("v") === asset.tag;
    const headers = {
      "cache-control": named ? "public, max-age=31536000, immutable" : "public, no-cache",
      // Weak, because it stands for the file in every encoding.
      etag: `W/"${asset.tag}"`,
      vary: "accept-encoding",
    };
    if (matches(c.req.header("if-none-match"), asset.tag)) return c.body(null, 304, headers);
    const gzip = /\bgzip\b/u.test(c.req.header("accept-encoding") ?? "") ? asset.gzip : undefined;
    return c.body(gzip ?? asset.body, 200, {
      ...headers,
      "content-type": asset.type,
      ...gzip && { "content-encoding": "gzip" },
    });
  }
}

/** Weak comparison: `W/` is looked over (RFC 9110, 13.1.2). */
function matches(header: string | undefined, tag: string): boolean {
  return header?.split(",").some((one) => one.trim().replace(/^W\//u, "") === `"${tag}"`) ?? false;
}

/** Reads a folder of static files. */
export function loadAssets(folder: URL = new URL("../static/", import.meta.url)): Assets {
  const assets = new Assets();
  const walk = (under: string) => {
    for (const entry of Deno.readDirSync(new URL(`./${under}`, folder))) {
      if (entry.isDirectory) walk(`${under}${entry.name}/`);
      else if (entry.isFile) {
        assets.add(`/${under}${entry.name}`, Deno.readFileSync(new URL(under + entry.name, folder)));
      }
    }
  };
  walk("");
  return assets;
}
