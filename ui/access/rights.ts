/** Who may read and who may change: by a token, or because the client is on this machine. */
import type { Context, MiddlewareHandler } from "hono";
import type { Log } from "../../core/ports/log.ts";
import { problem } from "../problem.ts";
import type { Buckets } from "./buckets.ts";
import { asksForWebSocket, clientOf } from "./client.ts";
import { isOwnOrigin, isReading } from "./origins.ts";
import { type Grant, tokenOf, Tokens } from "./tokens.ts";

export interface RightsOptions {
  adminToken: string;
  readToken: string;
  /** Wrong tokens of each address. */
  guesses: Buckets;
  log?: Pick<Log, "warning"> | undefined;
}

const REALM = 'realm="MarketFlow"';
/** A browser asks its user for a password only where `Basic` is offered. */
const ASK_USER = `Basic ${REALM}, charset="UTF-8", Bearer ${REALM}`;
/** The page itself asks for what a change needs. */
const ASK_PAGE = `Bearer ${REALM}`;

/** Wrong tokens are told to the log this often, with their number, and so is that no more are looked at. */
const LOG_EVERY_MS = 10_000;

export function rights(options: RightsOptions): MiddlewareHandler {
  const tokens = new Tokens(options);
  const tell = wrongTokenLog(options.log);
  return async (c, next) => {
    const wanted: Grant = isReading(c) ? "read" : "change";
    const here = clientOf(c);
    // Guesses that come through a proxy on this machine must not keep its owner out.
    const guesser = here.local ? "this machine" : here.group;
    // What is needed for a change is at least what reading needs.
    const needed: Grant | undefined = ([wanted, "read"] as const).find((grant) => tokens.needed(grant));
    if (needed !== undefined) {
      const waitS = options.guesses.waitS(guesser);
      const token = brought(c);
      if (token !== undefined && waitS > 0) return tooManyGuesses(c, waitS);
      const grant = token === undefined ? undefined : tokens.grantOf(token);
      if (token !== undefined && grant === undefined) {
        options.guesses.take(guesser);
        tell(here.address, c.req.path, options.guesses.waitS(guesser) > 0);
      }
      if (grant !== "change" && grant !== needed) return refuse(c, needed, token !== undefined);
    }
    if (wanted === "change" && !tokens.needed("change") && !here.local) return notHere(c);
    await next();
  };
}

/**
 * The token of a request. What a browser has kept for this site does not count where the page is of another one: it would
 * send it along with a WebSocket that anybody's page opens.
 */
function brought(c: Context): string | undefined {
  const authorization = c.req.header("authorization");
  const origin = c.req.header("origin");
  if (authorization === undefined) return undefined;
  if (asksForWebSocket(c) && origin !== undefined && !isOwnOrigin(c, origin)) return undefined;
  return tokenOf(authorization);
}

function refuse(c: Context, needed: Grant, given: boolean): Response {
  c.header("www-authenticate", needed === "read" ? ASK_USER : ASK_PAGE);
  const setting = needed === "read" ? "server.readToken" : "server.adminToken";
  return problem(c, {
    status: 401,
    title: given ? "Token is not the right one" : "Token is missing",
    detail: `Send ${setting} as Authorization: Bearer, or as the password of Basic with any user`,
  });
}

function notHere(c: Context): Response {
  return problem(c, {
    status: 403,
    title: "Changes from this machine only",
    detail: "Set server.adminToken and send it as Authorization: Bearer, to change things from elsewhere " +
      "or through a proxy",
  });
}

function tooManyGuesses(c: Context, waitS: number): Response {
  c.header("retry-after", String(waitS));
  return problem(c, {
    status: 429,
    title: "Too many wrong tokens",
    detail: `No token is looked at from this address for now: try again in ${waitS} s`,
  });
}

/** Anybody can cause these lines, so they are rare. What was sent is not told: it may be nearly right. */
function wrongTokenLog(
  log: Pick<Log, "warning"> | undefined,
): (address: string, path: string, locked: boolean) => void {
  const lines = new Map<string, { before: number; toldAt: number }>();
  const tell = (message: string, address: string, path: string) => {
    const now = performance.now();
    const last = lines.get(message) ?? { before: 0, toldAt: -Infinity };
    lines.set(message, last);
    if (now - last.toldAt < LOG_EVERY_MS) return void last.before++;
    log?.warning(message, {
      address,
      path: path.slice(0, 100),
      ...last.before > 0 && { before: last.before },
    });
    last.before = 0;
    last.toldAt = now;
  };
  return (address, path, locked) => {
    tell("Wrong token", address, path);
    if (locked) tell("Too many wrong tokens", address, path);
  };
}
