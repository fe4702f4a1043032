/** Tokens that a request brings, and those that are ours. */
import { createHash, timingSafeEqual } from "node:crypto";

/** What a token is good for; who may change things may read them. */
export type Grant = "change" | "read";

export class Tokens {
  readonly #change: Uint8Array | undefined;
  readonly #read: Uint8Array | undefined;

  /** An empty token is none. */
  constructor({ adminToken, readToken }: { adminToken: string; readToken: string }) {
    this.#change = adminToken === "" ? undefined : hash(adminToken);
    this.#read = readToken === "" ? undefined : hash(readToken);
  }

  needed(grant: Grant): boolean {
    return (grant === "change" ? this.#change : this.#read) !== undefined;
  }

  /** What a token is good for; undefined for one that is none of ours. */
  grantOf(token: string): Grant | undefined {
    const given = hash(token);
    // Hashes have one length, and both comparisons are made, so that the time tells nothing of a token.
    const change = timingSafeEqual(given, this.#change ?? NOBODYS);
    const read = timingSafeEqual(given, this.#read ?? NOBODYS);
    return change ? "change" : read ? "read" : undefined;
  }
}

/** No text has this hash that anybody knows of. */
const NOBODYS = new Uint8Array(32);

/** The token of an `Authorization` header: of `Bearer`, or the password of `Basic`. Undefined where it has none. */
export function tokenOf(authorization: string): string | undefined {
  const [scheme = "", value = "", ...more] = authorization.trim().split(/ +/u);
  if (more.length > 0) return undefined;
  if (/^bearer$/iu.test(scheme)) return value;
  if (!/^basic$/iu.test(scheme)) return undefined;
  try {
    const pair = atob(value);
    return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
  } catch {
    return undefined;
  }
}

function hash(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
