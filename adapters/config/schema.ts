/** What each setting may be. The messages complete the sentence «use …», where they do not say that they are one. */
import { z } from "zod";
import { cacheUrlProblem } from "../cache/url.ts";
import { historyUrlProblem } from "../history/url.ts";
import { parsePeriod } from "../../core/domain/period.ts";
import { isCanonicalSymbol } from "../../core/domain/symbol.ts";
import { areDistinct, flag, number, section, SENTENCE, text, url, whole } from "./fields.ts";
import { chains, poolProblems, poolVenue, poolVenues, venueId } from "./pools.ts";
import { server } from "./server.ts";

const hostAndPort = "host:port with a port from 1 to 65535, for example 127.0.0.1:40101";
const source = z.string({ error: hostAndPort }).refine((value) => {
  const port = Number(/^(?:[^\s:]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(value)?.[1] ?? NaN);
  return port >= 1 && port <= 65_535;
}, { error: hostAndPort });

/**
 * An address with a password. `problemOf` says what is wrong with it as a sentence, which does not repeat it:
 * it is shown as it stands.
 */
const secretUrl = (problemOf: (url: string) => string | undefined) =>
  z.custom<string>().superRefine((value, context) => {
    const message = typeof value === "string"
      ? problemOf(value)
      : "Is not allowed as it is; use an address, as text";
    if (message !== undefined) context.addIssue({ code: "custom", message, params: SENTENCE });
  });

const retentionWords = "a time of at least an hour as in 12h or 90d";
/** Text, as people write it. */
const retention = z.string({ error: retentionWords }).refine(
  (value) => (parsePeriod(value) ?? 0) >= 3_600_000,
  { error: retentionWords },
);

const takerFeeBps = number(-100, 1000);

const socketVenue = section({
  enabled: flag,
  wsUrl: url("ws:", "wss:"),
  restUrl: url("http:", "https:"),
  takerFeeBps,
});

const symbol = z.string({ error: "BASE-QUOTE in upper case, for example BTC-USDT" })
  .refine(isCanonicalSymbol, { error: "BASE-QUOTE in upper case, for example BTC-USDT" });

const sockets = { bybit: socketVenue, okx: socketVenue, gateio: socketVenue, kraken: socketVenue };
const VENUES = [...Object.keys(sockets), ...Object.keys(poolVenues)];
const sourceId = venueId.refine((id) => !VENUES.includes(id), { error: "a name that is not a venue's" });

const shape = {
  mode: z.enum(["live", "test"], { error: "live or test" }),
  server,
  logLevel: z.enum(["debug", "info", "warning", "error"], { error: "debug, info, warning or error" }),
  dataDir: text("a folder"),
  symbols: z.array(symbol, { error: "a list of symbols" })
    .min(1, { error: "at least one symbol" })
    .max(2000, { error: "at most 2000 symbols" })
    .refine(areDistinct, { error: "each symbol once" }),
  chains,
  cache: section({
    url: secretUrl(cacheUrlProblem),
    ttlSeconds: whole(5, 86_400),
  }),
  history: section({
    url: secretUrl(historyUrlProblem),
    quotes: flag,
    retention: section({ minutes: retention, quotes: retention, episodes: retention }),
    outbox: section({ maxRecords: whole(1_000, 100_000_000) }),
  }),
  screener: section({
    minNetBps: number(-10_000, 1_000_000),
    hysteresisBps: number(0, 10_000),
  }),
  test: section({
    seed: whole(0, 4_294_967_295),
    stepsPerSecond: number(0.1, 1000),
  }),
  channel: section({ capacity: whole(2, 1_048_576) }),
  supervisor: section({
    silentAfterMs: whole(500, 3_600_000),
    stopWithinMs: whole(100, 3_600_000),
    backoffMs: whole(1, 3_600_000),
    maxBackoffMs: whole(1, 86_400_000),
  }),
};

const venues = {
  ...sockets,
  ndjson: section({
    enabled: flag,
    takerFeeBps,
    sources: z.record(sourceId, source, { error: "host:port by exchange name" })
      .refine((sources) => Object.keys(sources).length > 0, { error: "at least one source" }),
  }),
  ...poolVenues,
};

/** The ids of venues that have defaults. */
export const VENUE_IDS: readonly string[] = Object.keys(venues);

/** `furtherVenues`: ids of venues of pools that have no defaults, so that each of their settings is needed. */
export function schemaFor(furtherVenues: readonly string[]) {
  const further = Object.fromEntries(furtherVenues.map((id) => [id, poolVenue])) as Record<never, never>;
  return section({ ...shape, venues: section({ ...venues, ...further }) }).superRefine(
    (settings, context) => {
      const add = (path: string[], message: string) =>
        context.addIssue({ code: "custom", path, message, params: SENTENCE });
      for (const { path, message } of poolProblems(settings.venues, settings.chains)) add(path, message);
      for (const id of furtherVenues) {
        if (id in settings.venues.ndjson.sources) {
          add(["venues", id], "A source of ndjson has this name, too");
        }
        if (!venueId.safeParse(id).success) {
          add(["venues", id], "A venue's name has lower-case letters, digits, - _ . only");
        }
      }
    },
  );
}

export type Settings = z.infer<ReturnType<typeof schemaFor>>;
