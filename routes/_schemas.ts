/**
 * What the API answers, as zod schemas: the source of the OpenAPI document. The types are checked against the core's,
 * so that a field cannot be added there and forgotten here.
 */
import { z } from "zod";
import type { Health, ModeStatus, VenueStatus } from "../core/app/market.ts";
import type { StreamClosed } from "../core/app/stream.ts";
import type { Opportunity } from "../core/domain/opportunity.ts";
import type { Quote } from "../core/domain/quote.ts";

/** A schema under a name of its own in the document. */
const named = <Schema extends z.ZodType>(
  ref: string,
  schema: Schema,
  description: string,
  example?: z.output<Schema>,
): Schema => schema.meta({ ref, description, ...(example === undefined ? {} : { examples: [example] }) });

/** Fails to compile where a schema and the type of the core differ. */
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never;

const exchange = z.string().meta({ description: "Exchange id" });
const symbol = z.string().meta({ description: "Canonical symbol: base and quote with a dash" });
const timeMs = (description: string) => z.int().meta({ description: `${description}; ms since the epoch` });
const amount = (description: string) => z.number().meta({ description });
const count = (description: string) => z.int().nonnegative().meta({ description });

export const ModeSchema = named(
  "Mode",
  z.enum(["live", "test"]),
  "`live` reads real venues, `test` reads synthetic ones; data of the two never mixes",
);

export const QuoteSchema = named(
  "Quote",
  z.object({
    exchange,
    symbol,
    bid: amount("Best bid; null where that side is empty").nullable(),
    bidSize: amount("Size at the best bid, in base").nullable(),
    ask: amount("Best ask; null where that side is empty").nullable(),
    askSize: amount("Size at the best ask, in base").nullable(),
    price: amount("Middle of bid and ask, or the only price that a source without a book states").nullable(),
    exchangeTime: timeMs("Clock of the venue; null where it sends none").nullable(),
    receivedTime: timeMs("When the frame arrived here"),
    fresh: z.boolean().meta({
      description: "The feed is alive and the book valid, whatever the age of the price",
    }),
  }),
  "Best bid and ask of one symbol on one exchange; prices in quote currency, sizes in base",
  {
    exchange: "kraken",
    symbol: "BTC-USDT",
    bid: 67000.1,
    bidSize: 0.52,
    ask: 67000.2,
    askSize: 1.25,
    price: 67000.15,
    exchangeTime: 1790000000000,
    receivedTime: 1790000000021,
    fresh: true,
  },
);

export const QuotesSchema = named(
  "Quotes",
  z.object({ symbol, mode: ModeSchema, quotes: z.array(QuoteSchema) }),
  "Quotes of a symbol on every exchange that has one now",
);

const opportunity = {
  id: z.string().meta({ description: "Stays the same from opening to closing" }),
  symbol,
  buyExchange: exchange,
  sellExchange: exchange,
  buyPrice: amount("Best ask of the venue to buy from"),
  sellPrice: amount("Best bid of the venue to sell to"),
  sizeBase: amount("What both tops of book can fill, in base"),
  notionalQuote: amount("`sizeBase` at the buy price, in quote currency"),
  grossBps: amount("Edge before costs; 1 bps is 0.01 %"),
  netBps: amount("Edge after the taker fees of both legs"),
  profitQuote: amount("What the route leaves at `sizeBase` after fees, in quote currency"),
  openedAt: timeMs("When it opened"),
  updatedAt: timeMs("When its figures were last evaluated"),
};

const opportunityExample: Opportunity = {
  id: "m8k2x1-42",
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "gateio",
  buyPrice: 67000,
  sellPrice: 67201,
  sizeBase: 0.5,
  notionalQuote: 33500,
  grossBps: 30,
  netBps: 9.96,
  profitQuote: 33.4,
  openedAt: 1790000000000,
  updatedAt: 1790000000150,
};

export const OpportunitySchema = named(
  "Opportunity",
  z.object(opportunity),
  "A route (buy here, sell there) whose net edge is above the threshold and that passed every check",
  opportunityExample,
);

export const OpportunitiesSchema = named(
  "Opportunities",
  z.object({ mode: ModeSchema, opportunities: z.array(OpportunitySchema) }),
  "Open opportunities, best net edge first",
);

export const ClosedOpportunitySchema = named(
  "ClosedOpportunity",
  z.object({
    ...opportunity,
    closedAt: timeMs("When it closed"),
    reason: z.enum([
      "below_threshold",
      "leg_stale",
      "leg_withdrawn",
      "size_unknown",
      "worker_down",
      "mode_switch",
      "shutdown",
      "below_filter",
    ]).meta({
      description: "Why; `below_filter` says that it lives on, below the `minNetBps` of this stream",
    }),
  }),
  "An opportunity as it stood at its last update, and how it ended",
  { ...opportunityExample, closedAt: 1790000000400, reason: "below_threshold" },
);

export const VenueSchema = named(
  "Venue",
  z.object({
    id: z.string(),
    exchanges: z.array(exchange).meta({
      description: "The exchanges it quotes: itself, or the sources of `ndjson`",
    }),
    quietExchanges: z.array(exchange).meta({ description: "Those of them without a fresh quote" }),
    state: z.enum([
      "starting",
      "connecting",
      "connected",
      "silent",
      "disconnected",
      "restarting",
    ]),
    connected: z.boolean(),
    takerFeeBps: amount("Taker fee in basis points"),
    instruments: count("Instruments subscribed"),
    quotes: count("Quotes in the table, fresh and stale"),
    freshQuotes: count("Quotes whose feed is alive"),
    lastFrameAgeMs: count("Since the last frame; null before the first").nullable(),
    frames: count("Frames received"),
    bytes: count("Bytes received"),
    malformed: count("Frames that could not be understood"),
    gaps: count("Sequence gaps and checksum mismatches"),
    conflated: count("Ticks merged into a later one because the core was behind"),
    channelDepth: count("Rows that wait for the core"),
    reconnects: count("Times the feed connected again"),
    restarts: count("Times the worker was started again"),
    lastError: z.string().nullable().meta({ description: "The last trouble in plain words" }),
  }),
  "A venue and the worker that reads it",
);

export const VenuesSchema = named(
  "Venues",
  z.object({ mode: ModeSchema, venues: z.array(VenueSchema) }),
  "The venues of the present mode",
);

export const ModeStatusSchema = named(
  "ModeStatus",
  z.object({
    mode: ModeSchema,
    switching: z.boolean().meta({ description: "A switch is under way" }),
    since: timeMs("When this mode began"),
  }),
  "The mode that the program is in",
  { mode: "test", switching: false, since: 1790000000000 },
);

const counts = (description: string) => z.record(z.string(), z.int().nonnegative()).meta({ description });

export const HealthSchema = named(
  "Health",
  z.object({
    status: z.enum(["ok", "degraded", "starting", "down"]).meta({
      description: "`down`: no venue delivers; `degraded`: some do not",
    }),
    mode: ModeSchema,
    version: z.string(),
    uptimeMs: count("Since the program started"),
    problems: z.array(z.string()).meta({ description: "What is wrong, in plain words" }),
    venues: z.array(VenueSchema),
    opportunities: z.object({
      open: count("Open now"),
      opened: count("Opened since the start"),
      closed: counts("Closed since the start, by reason"),
      refused: counts("Routes above the threshold that a check refused, by reason"),
    }),
    memory: z.object({ rssBytes: count("Of the process"), heapUsedBytes: count("Of its main thread") }),
  }),
  "Whether the process can do its job, and what each venue does",
);

export const ProblemSchema = named(
  "Problem",
  z.looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    knownSymbols: z.array(z.string()).optional().meta({ description: "Where a symbol was not known" }),
    knownExchanges: z.array(z.string()).optional().meta({ description: "Where an exchange was not known" }),
    errors: z.array(z.object({ path: z.string(), value: z.string().optional(), message: z.string() }))
      .optional()
      .meta({ description: "Everything that is wrong with the parameters" }),
  }),
  "A problem document (RFC 9457)",
  {
    type: "about:blank",
    title: "Unknown symbol",
    status: 404,
    instance: "/prices/latest/ABC-DEF",
    detail: "Symbol ABC-DEF is not watched; known are BTC-USDT, ETH-USDT",
    knownSymbols: ["BTC-USDT", "ETH-USDT"],
  },
);

/** Parameters of `GET /opportunities/stream`, and of `GET /opportunities` together with `limit`. */
export const FilterQuery = z.object({
  symbol: z.string().optional().meta({
    description: "Only this symbol, in any common spelling",
    example: "BTC-USDT",
  }),
  exchange: z.string().optional().meta({ description: "Only routes with this exchange on either leg" }),
  minNetBps: z.coerce.number({ error: "Use a number, for example 7.5" }).optional()
    .meta({ description: "Only opportunities with at least this net edge, in basis points", example: 7.5 }),
});

const MAX_LIMIT = 10_000;
const LIMIT = `Use a whole number from 1 to ${MAX_LIMIT}`;

export const OpportunitiesQuery = FilterQuery.extend({
  limit: z.coerce.number({ error: LIMIT }).int({ error: LIMIT }).min(1, { error: LIMIT })
    .max(MAX_LIMIT, { error: LIMIT }).optional()
    .meta({ description: "At most this many, best first; all where absent", example: 20 }),
});

type _Same = [
  Same<z.output<typeof QuoteSchema>, Quote>,
  Same<z.output<typeof OpportunitySchema>, Opportunity>,
  Same<z.output<typeof ClosedOpportunitySchema>, StreamClosed>,
  Same<z.output<typeof VenueSchema>, VenueStatus>,
  Same<z.output<typeof ModeStatusSchema>, ModeStatus>,
  Same<z.output<typeof HealthSchema>, Health>,
];
const _same: _Same = [true, true, true, true, true, true];
