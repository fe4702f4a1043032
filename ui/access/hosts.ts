/**
 * Only names that are known to be ours are answered (DNS rebinding): a foreign page can make its own name lead to this
 * machine and would then be the same site as we are, for every rule that a browser has.
 */
import type { MiddlewareHandler } from "hono";
import { problem } from "../problem.ts";

/** `names` beside those of this machine itself and IP addresses, which no foreign page can have for a name. */
export function knownHosts(names: readonly string[]): MiddlewareHandler {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return async (c, next) => {
    // What the request is for stands in its address; the header is what the check for foreign pages goes by.
    const header = c.req.header("host");
    const names = [new URL(c.req.url).hostname, ...header === undefined ? [] : [hostnameOf(header)]];
    const foreign = names.find((name) => !isOwn(name, known));
    if (foreign === undefined) return await next();
    return problem(c, {
      status: 421,
      title: "Unknown host",
      detail: `This program is not known as ${foreign}: if it should be, add the name to server.hosts`,
    });
  };
}

function isOwn(hostname: string, known: ReadonlySet<string>): boolean {
  const name = hostname.replace(/\.$/u, "");
  return name === "localhost" || name.endsWith(".localhost") || known.has(name) || isAddress(name);
}

/** As a URL writes them, in which there is no other spelling left. */
function isAddress(name: string): boolean {
  return name.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(name);
}

function hostnameOf(header: string): string {
  return URL.parse(`http://${header}`)?.hostname ?? header;
}
