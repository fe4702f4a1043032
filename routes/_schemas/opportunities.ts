/** Open opportunities, how they end, and how a reader filters them. */
import { z } from "zod";
import type { StreamClosed } from "../../core/app/stream.ts";
import type { CloseReason, Opportunity } from "../../core/domain/opportunity.ts";
import { amount, exchange, ModeSchema, named, type Same, symbol, timeMs } from "./base.ts";

export const CLOSE_REASONS = [
  "below_threshold",
  "leg_stale",
  "leg_withdrawn",
  "size_unknown",
  "gas_unknown",
  "worker_down",
  "mode_switch",
  "shutdown",
] as const;

const opportunity = {
  id: z.string().meta({ description: "Stays the same from opening to closing" }),
  symbol,
  buyExchange: exchange,
  sellExchange: exchange,
  buyPrice: amount(
    "Paid per base: best ask of a book; of a pool the mean at `sizeBase`, with its fee and impact",
  ),
  sellPrice: amount("Received per base, likewise"),
  sizeBase: amount("What both legs can fill and leaves the most, in base"),
  notionalQuote: amount("`sizeBase` at the buy price, in quote currency"),
  grossBps: amount("Edge without any costs, of `notionalQuote`; 1 bps is 0.01 %"),
  netBps: amount(
    "Edge after all costs: `profitQuote` in basis points of what the buy leg costs with its taker fee",
  ),
  feesQuote: amount("Taker fees of books, and what pools keep of what goes in, in quote currency"),
  impactQuote: amount("How much worse pools get with the size, in quote currency"),
  gasQuote: amount("Gas of the swaps at its present price, in quote currency"),
  profitQuote: amount(
    "What the route leaves at `sizeBase`: gross less fees, impact and gas, in quote currency",
  ),
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
  feesQuote: 67.1,
  impactQuote: 0,
  gasQuote: 0,
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
    reason: z.enum([...CLOSE_REASONS, "below_filter"]).meta({
      description: "Why; `below_filter` says that it lives on, below the `minNetBps` of this stream",
    }),
  }),
  "An opportunity as it stood at its last update, and how it ended",
  { ...opportunityExample, closedAt: 1790000000400, reason: "below_threshold" },
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

const _opportunity: Same<z.output<typeof OpportunitySchema>, Opportunity> = true;
const _closed: Same<z.output<typeof ClosedOpportunitySchema>, StreamClosed> = true;
const _reason: Same<typeof CLOSE_REASONS[number], CloseReason> = true;
