/** What the program says of itself: venues, mode, health. */
import { z } from "zod";
import type { Health, ModeStatus, VenueStatus } from "../../core/app/market.ts";
import { amount, count, exchange, ModeSchema, named, type Same, timeMs } from "./base.ts";

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

const error = z.string().nullable().meta({
  description: "The last trouble in plain words; null where all is well",
});
const url = z.string().meta({ description: "Where it is, without password" });

export const CacheSchema = named(
  "Cache",
  z.object({
    kind: z.enum(["redis", "memory"]),
    url,
    state: z.enum(["ok", "fallback"]).meta({ description: "`fallback`: Redis is gone, memory answers" }),
    pending: count("Quotes that are not written yet"),
    lagMs: count("Age of the oldest of these; null where there is none").nullable(),
    written: count("Quotes written since the start"),
    conflated: count("Quotes replaced by a later one before they were written"),
    error,
  }),
  "The cache of latest quotes",
);

export const HistoryStatusSchema = named(
  "HistoryStatus",
  z.object({
    kind: z.enum(["postgres", "sqlite"]),
    url,
    state: z.enum(["starting", "ok", "unreachable", "refused"]).meta({
      description:
        "`refused`: it answers and will not, for example because its schema is newer than this program",
    }),
    records: count("Minutes and episodes written since the start"),
    quotes: count("Raw quotes written since the start"),
    quotesDropped: count("Raw quotes that it could not keep up with"),
    cleanedAt: timeMs("When old data was last removed; null before the first time").nullable(),
    error,
  }),
  "The history",
);

export const OutboxSchema = named(
  "Outbox",
  z.object({
    state: z.enum(["ok", "failing"]),
    records: count("Durable here and not yet in the history"),
    pending: count("Handed over and not yet durable"),
    lagMs: count("Age of the oldest record that is not in the history yet; null where there is none")
      .nullable(),
    dropped: count("Lost because a bound was reached"),
    rejected: count("Refused by the history for their own sake, and kept in the outbox, table `rejected`"),
    error,
  }),
  "What is on its way to the history, durable on this machine",
);

const counts = (description: string) => z.record(z.string(), z.int().nonnegative()).meta({ description });

export const HealthSchema = named(
  "Health",
  z.object({
    status: z.enum(["ok", "degraded", "starting", "down"]).meta({
      description: "`down`: no venue delivers; `degraded`: some do not, or what is kept takes a way around",
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
    cache: CacheSchema,
    history: HistoryStatusSchema,
    outbox: OutboxSchema,
    memory: z.object({ rssBytes: count("Of the process"), heapUsedBytes: count("Of its main thread") }),
  }),
  "Whether the process can do its job, and what each venue does",
);

const _venue: Same<z.output<typeof VenueSchema>, VenueStatus> = true;
const _mode: Same<z.output<typeof ModeStatusSchema>, ModeStatus> = true;
const _health: Same<z.output<typeof HealthSchema>, Health> = true;
