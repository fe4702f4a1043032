/** Settings of the server: where it listens, who may ask it, and how much of it. */
import { z } from "zod";
import { networkProblem } from "../http/networks.ts";
import { areDistinct, section, SENTENCE, text, whole } from "./fields.ts";

const LEAST_TOKEN = 16;

/** What a token is, is not repeated. */
const token = z.custom<string>().superRefine((value, context) => {
  const say = (message: string) => context.addIssue({ code: "custom", message, params: SENTENCE });
  if (value === "") return;
  if (typeof value !== "string") say("Is not allowed as it is; use text, in quotes");
  else if (!/^[\x21-\x7e]*$/u.test(value)) {
    say("Is not allowed as it is; use letters, digits and signs of ASCII, no spaces");
  } else if (value.length < LEAST_TOKEN) {
    say(`Is too short; use at least ${LEAST_TOKEN} characters, for example of: openssl rand -hex 32`);
  }
});

/** A list of texts, each once. `problemOf` says what is wrong with one of them as a sentence. */
const list = (what: string, problemOf: (text: string) => string | undefined) =>
  z.array(
    z.string({ error: what }).superRefine((value, context) => {
      const message = problemOf(value);
      if (message !== undefined) context.addIssue({ code: "custom", message, params: SENTENCE });
    }),
    { error: `a list of ${what}` },
  ).refine(areDistinct, { error: "each once" });

const HOST_NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/iu;

const hosts = list(
  "host names",
  (value) =>
    HOST_NAME.test(value) ? undefined : "Is no host name; use one without a port, as in prices.example.com",
);

const origins = list("origins", (value) => {
  if (value === "*") return undefined;
  const url = URL.parse(value);
  const origin = url !== null && /^https?:$/u.test(url.protocol) && url.origin === value;
  return origin
    ? undefined
    : "Is no origin; use https://host or https://host:port as a browser writes it, or *";
});

export const server = section({
  host: text("a host name or address"),
  port: whole(0, 65_535),
  hosts,
  adminToken: token,
  readToken: token,
  trustedProxies: list("addresses", networkProblem),
  corsOrigins: origins,
  limits: section({
    requestsPerSecond: whole(1, 1_000_000),
    burst: whole(1, 1_000_000),
    openPerAddress: whole(1, 100_000),
    connections: whole(10, 100_000),
  }),
  stream: section({
    maxClients: whole(1, 100_000),
    maxBufferedBytes: whole(16_384, 1_073_741_824),
    replayEvents: whole(0, 1_000_000),
    conflateMs: whole(0, 60_000),
    quotesEveryMs: whole(10, 60_000),
  }),
}).superRefine(({ adminToken, readToken }, context) => {
  if (adminToken === "" || adminToken !== readToken) return;
  const message = "Is the same as server.readToken; use another, since who reads could change things with it";
  context.addIssue({ code: "custom", path: ["adminToken"], message, params: SENTENCE });
});
