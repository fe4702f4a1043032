/** The address of a history: `postgres://user:password@host:port/database?sslmode=…` or `sqlite:FILE`. */
import { parseAddress } from "../postgres/address.ts";

/** What kind of history an address names; undefined for none that is known. */
export function historyKind(url: string): "postgres" | "sqlite" | undefined {
  if (/^postgres(?:ql)?:\/\//.test(url)) return "postgres";
  return /^sqlite:./.test(url) ? "sqlite" : undefined;
}

/**
 * What is wrong with an address, as a sentence without the password; undefined where nothing is. Looks at what it leaves to
 * libpq's variables and at the file of root certificates, too.
 */
export function historyUrlProblem(url: string): string | undefined {
  switch (historyKind(url)) {
    case "sqlite":
      return /[?#]/.test(url)
        ? "The file of a history has neither ? nor # in its name: sqlite:FILE"
        : undefined;
    case "postgres":
      try {
        parseAddress(url);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    default:
      return "No history has an address like this: write postgres://user:password@host:port/database or sqlite:FILE";
  }
}

/** The address without its password, to be shown. */
export function redact(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?#@:]*):[^/?#]*@/i, "$1@").replace(
    /([?&][^=&#]*password=)[^&#]*/gi,
    "$1…",
  );
}
