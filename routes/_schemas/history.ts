/** Bars, and the quotes of the last minutes. */
import { z } from "zod";
import type { BarJson } from "../../core/app/wire.ts";
import { MOMENT, parseMoment } from "../_time.ts";
import { amount, count, exchange, ModeSchema, named, type Same, symbol, timeMs } from "./base.ts";
import { QuoteSchema } from "./quotes.ts";

export const BarSchema = named(
  "Bar",
  z.object({
    exchange,
    timestamp: timeMs("Begin of the interval"),
    averagePrice: amount("Mean over the ticks, each weighing the same"),
    timeWeightedPrice: amount("Mean in which each price weighs as long as it stood fresh"),
    minPrice: amount("Lowest price"),
    maxPrice: amount("Highest price"),
    minTime: timeMs("When the lowest was first seen"),
    maxTime: timeMs("When the highest was first seen"),
    firstPrice: amount("First price"),
    lastPrice: amount("Last price"),
    samples: count("Ticks; where 0, the prices above are the one that stood from before"),
    bestBid: amount("Of the quote that stood in the end; null where none did").nullable(),
    bestAsk: amount("Of the quote that stood in the end; null where none did").nullable(),
    freshMs: count("How long the quote was fresh"),
    complete: z.boolean().meta({ description: "It was fresh throughout, so that nothing can be missing" }),
  }),
  "What the price did on one exchange in one interval; the price of a quote is the middle of bid and ask",
  {
    exchange: "kraken",
    timestamp: 1790000040000,
    averagePrice: 67003.31,
    timeWeightedPrice: 67003.02,
    minPrice: 66990.5,
    maxPrice: 67012.5,
    minTime: 1790000051000,
    maxTime: 1790000072345,
    firstPrice: 67000.1,
    lastPrice: 67008.4,
    samples: 812,
    bestBid: 67008.3,
    bestAsk: 67008.5,
    freshMs: 60000,
    complete: true,
  },
);

export const INTERVAL_NAMES = ["1m", "5m", "1h", "1d"] as const;
const IntervalSchema = z.enum(INTERVAL_NAMES, { error: `Use ${INTERVAL_NAMES.join(", ")}` });

export const BarsSchema = named(
  "Bars",
  z.object({
    symbol,
    mode: ModeSchema,
    interval: IntervalSchema,
    from: timeMs("Bars begin here or later"),
    to: timeMs("Bars begin before this"),
    bars: z.array(BarSchema),
  }),
  "Bars in the order of time, then exchange; an interval without a price has none",
);

/** A moment in a query, read as ms since the epoch. */
export const moment = (description: string) =>
  z.string().transform((text, context) => {
    const ms = parseMoment(text);
    if (ms === undefined) context.addIssue({ code: "custom", message: MOMENT });
    return ms ?? z.NEVER;
  }).optional().meta({ description: `${description}; ms since the epoch or ISO 8601` });

export const BarsQuery = z.object({
  exchange: z.string().optional().meta({ description: "Only this exchange; all where absent" }),
  interval: IntervalSchema.optional().meta({ description: "Length of the bars; 1m where absent" }),
  from: moment("Bars that begin here or later; 500 intervals before `to` where absent"),
  to: moment("Bars that begin before this; now where absent"),
});

export const RecentSchema = named(
  "RecentQuotes",
  z.object({ exchange, symbol, mode: ModeSchema, quotes: z.array(QuoteSchema) }),
  "Quotes of the last minutes, oldest first, about two a second at most",
);

const SECONDS = "Use a whole number from 1 to 300";

export const RecentQuery = z.object({
  seconds: z.coerce.number({ error: SECONDS }).int({ error: SECONDS }).min(1, { error: SECONDS })
    .max(300, { error: SECONDS }).optional()
    .meta({ description: "How far back; 300 where absent", example: 60 }),
});

const _bar: Same<z.output<typeof BarSchema>, BarJson> = true;
