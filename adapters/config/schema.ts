/** What each setting may be. The messages complete the sentence «use …», where they do not say that they are one. */
import { z } from "zod";
import { cacheUrlProblem } from "../cache/url.ts";
import { historyUrlProblem } from "../history/url.ts";
import { parsePeriod } from "../../core/domain/period.ts";
import { isCanonicalSymbol } from "../../core/domain/symbol.ts";

const whole = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const number = (min: number, max: number) => {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};

const text = (error: string) => z.string({ error }).min(1, { error });

/** A group of settings; the loader itself words what it says of unknown names. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: "settings by name, as in config.yaml" });

const flag = z.boolean({ error: "true or false" });

const url = (...protocols: string[]) => {
  const error = `an address that begins with ${protocols.map((one) => `${one}//`).join(" or ")}`;
  return z.string({ error }).refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
    { error },
  );
};

const hostAndPort = "host:port with a port from 1 to 65535, for example 127.0.0.1:40101";
const source = z.string({ error: hostAndPort }).refine((value) => {
  const port = Number(/^(?:[^\s:]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(value)?.[1] ?? NaN);
  return port >= 1 && port <= 65_535;
}, { error: hostAndPort });

/**
 * An address with a password. `problemOf` says what is wrong with it as a sentence, which does not repeat it: it is shown
 * as it stands.
 */
const secretUrl = (problemOf: (url: string) => string | undefined) =>
  z.string({ error: "an address, as text" }).superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: "custom", message, params: SENTENCE });
  });
/** Marks a message that is a sentence of its own. */
export const SENTENCE = { sentence: true };

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

const VENUES = ["bybit", "okx", "gateio", "kraken"];
const exchangeId = z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/, {
  error: "a name of lower-case letters, digits, - _ .",
}).refine((id) => !VENUES.includes(id), { error: "a name that is not a venue's" });

export const schema = section({
  mode: z.enum(["live", "test"], { error: "live or test" }),
  server: section({
    host: text("a host name or address"),
    port: whole(0, 65_535),
    stream: section({
      maxClients: whole(1, 100_000),
      maxBufferedBytes: whole(16_384, 1_073_741_824),
      replayEvents: whole(0, 1_000_000),
      conflateMs: whole(0, 60_000),
    }),
  }),
  logLevel: z.enum(["debug", "info", "warning", "error"], { error: "debug, info, warning or error" }),
  dataDir: text("a folder"),
  symbols: z.array(symbol, { error: "a list of symbols" })
    .min(1, { error: "at least one symbol" })
    .max(2000, { error: "at most 2000 symbols" })
    .refine((list) => new Set(list).size === list.length, { error: "each symbol once" }),
  venues: section({
    bybit: socketVenue,
    okx: socketVenue,
    gateio: socketVenue,
    kraken: socketVenue,
    ndjson: section({
      enabled: flag,
      takerFeeBps,
      sources: z.record(exchangeId, source, { error: "host:port by exchange name" })
        .refine((sources) => Object.keys(sources).length > 0, { error: "at least one source" }),
    }),
  }),
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
});

export type Settings = z.infer<typeof schema>;
