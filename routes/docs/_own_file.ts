import type { Context } from "hono";

/** Answers with a file that is part of the program. It is loaded when somebody first asks for it. */
export function ownFile(type: string, load: () => Promise<string>) {
  return async (c: Context) =>
    c.body(await load(), 200, { "content-type": `${type}; charset=utf-8`, "cache-control": "max-age=3600" });
}
