/**
 * Who gets an answer at all, in this order: hosts that are ours, then pages of other sites, then how much, then who. So what
 * is cheap to refuse is refused first, and nobody can guess tokens faster than he may ask.
 */
import type { MiddlewareHandler } from "hono";
import type { Log } from "../../core/ports/log.ts";
import { Buckets } from "./buckets.ts";
import { knownHosts } from "./hosts.ts";
import { limits } from "./limits.ts";
import { foreignReaders, sameOriginChanges } from "./origins.ts";
import { rights } from "./rights.ts";

/** The settings under `server` that are about it. */
export interface AccessSettings {
  host: string;
  hosts: readonly string[];
  adminToken: string;
  readToken: string;
  corsOrigins: readonly string[];
  limits: { requestsPerSecond: number; burst: number; openPerAddress: number };
}

/** Nothing that was set: for applications that nobody but a test asks. */
const NOTHING_SET: AccessSettings = {
  host: "127.0.0.1",
  hosts: [],
  adminToken: "",
  readToken: "",
  corsOrigins: [],
  limits: { requestsPerSecond: 50, burst: 200, openPerAddress: 100 },
};

/** Ten wrong tokens at once, then one in six seconds: 16 characters stand for as long as there are people. */
const GUESSES = { perSecond: 1 / 6, burst: 10 };

export function access(
  settings: Partial<AccessSettings> = {},
  log?: Pick<Log, "warning">,
): MiddlewareHandler[] {
  const all = { ...NOTHING_SET, ...settings };
  const { requestsPerSecond: perSecond, burst, openPerAddress: open } = all.limits;
  return [
    knownHosts([all.host, ...all.hosts]),
    foreignReaders(all.corsOrigins),
    limits(new Buckets({ perSecond, burst, open })),
    sameOriginChanges,
    rights({ ...all, guesses: new Buckets(GUESSES), log }),
  ];
}
