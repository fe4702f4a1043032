/** Opportunities that have ended. */
import { z } from "zod";
import type { EpisodeJson } from "../../core/app/wire.ts";
import { amount, exchange, ModeSchema, named, type Same, symbol, timeMs } from "./base.ts";
import { moment } from "./history.ts";
import { CLOSE_REASONS } from "./opportunities.ts";

const momentOf = (when: string) =>
  z.object({
    time: timeMs(when),
    buyPrice: amount(
      "Paid per base: best ask of a book; of a pool the mean at `sizeBase`, with its fee and impact",
    ),
    sellPrice: amount("Received per base, likewise"),
    sizeBase: amount("What both legs could fill and left the most, in base"),
    notionalQuote: amount("`sizeBase` at the buy price, in quote currency"),
    grossBps: amount("Edge without any costs, of `notionalQuote`; 1 bps is 0.01 %"),
    netBps: amount(
      "Edge after all costs: `profitQuote` in basis points of what the buy leg costs with its taker fee",
    ),
    feesQuote: amount("Taker fees of books, and what pools keep of what goes in, in quote currency"),
    impactQuote: amount("How much worse pools got with the size, in quote currency"),
    gasQuote: amount("Gas of the swaps at its price of that moment, in quote currency"),
    profitQuote: amount(
      "What the route left at `sizeBase`: gross less fees, impact and gas, in quote currency",
    ),
  });

const example = {
  time: 1790000000000,
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
};

export const EpisodeSchema = named(
  "Episode",
  z.object({
    id: z.string().meta({ description: "The id of the opportunity" }),
    symbol,
    buyExchange: exchange,
    sellExchange: exchange,
    buyFeeBps: amount("Taker fee of the venue to buy from"),
    sellFeeBps: amount("Taker fee of the venue to sell to"),
    start: momentOf("When it opened").meta({ description: "As it opened" }),
    peak: momentOf("When its net edge was highest").meta({ description: "At its highest net edge" }),
    end: momentOf("When it closed").meta({ description: "The last figures before it closed" }),
    reason: z.enum(CLOSE_REASONS).meta({ description: "Why it closed" }),
  }),
  "An opportunity from opening to closing",
  {
    id: "m8k2x1-42",
    symbol: "BTC-USDT",
    buyExchange: "okx",
    sellExchange: "gateio",
    buyFeeBps: 10,
    sellFeeBps: 10,
    start: example,
    peak: {
      ...example,
      time: 1790000000150,
      sellPrice: 67268,
      grossBps: 40,
      netBps: 19.9,
      feesQuote: 67.2,
      profitQuote: 66.8,
    },
    end: {
      ...example,
      time: 1790000000400,
      sellPrice: 67147.4,
      grossBps: 22,
      netBps: 1.96,
      profitQuote: 6.6,
    },
    reason: "below_threshold",
  },
);

export const EpisodesSchema = named(
  "Episodes",
  z.object({
    mode: ModeSchema,
    episodes: z.array(EpisodeSchema),
    nextCursor: z.string().nullable().meta({ description: "For `cursor`, to go on; null at the end" }),
  }),
  "Finished opportunities, latest closed first",
);

export const MAX_EPISODES = 1000;
const LIMIT = `Use a whole number from 1 to ${MAX_EPISODES}`;

export const EpisodesQuery = z.object({
  symbol: z.string().optional().meta({
    description: "Only this symbol, in any common spelling",
    example: "BTC-USDT",
  }),
  exchange: z.string().optional().meta({ description: "Only routes with this exchange on either leg" }),
  minNetBps: z.coerce.number({ error: "Use a number, for example 7.5" }).optional()
    .meta({
      description: "Only those whose net edge reached this at the peak, in basis points",
      example: 7.5,
    }),
  reason: z.enum(CLOSE_REASONS, { error: `Use one of ${CLOSE_REASONS.join(", ")}` }).optional()
    .meta({ description: "Only those that closed for this reason" }),
  from: moment("Closed at this time or later"),
  to: moment("Closed before this"),
  limit: z.coerce.number({ error: LIMIT }).int({ error: LIMIT }).min(1, { error: LIMIT })
    .max(MAX_EPISODES, { error: LIMIT }).optional()
    .meta({ description: "At most this many; where absent 100 in JSON, all in CSV", example: 20 }),
  cursor: z.string().optional().meta({ description: "`nextCursor` of the answer before, to go on after it" }),
});

const _episode: Same<z.output<typeof EpisodeSchema>, EpisodeJson> = true;
