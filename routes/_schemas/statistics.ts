/** What prices did in a period. */
import { z } from "zod";
import type { StatisticJson } from "../../core/app/wire.ts";
import { STATISTICS } from "../../core/app/figure.ts";
import { DEFAULT_PERIOD } from "../_time.ts";
import { amount, count, exchange, ModeSchema, named, type Same, symbol, timeMs } from "./base.ts";

const timeWeighted = "Average in which each price weighs as long as it stood fresh; of `average` alone";
const seen = "When the highest or lowest price was first seen; null for an average";
const samples = "Ticks; 0 where a price only stood from before";

export const StatisticSchema = named(
  "Statistic",
  z.object({
    statistic: z.enum(STATISTICS),
    symbol,
    mode: ModeSchema,
    period: z.string().meta({ description: "As it was asked for" }),
    from: timeMs("Begin of what the figures cover"),
    to: timeMs("End of it, excluded"),
    price: amount("The figure; null where there was no price").nullable(),
    timeWeightedPrice: amount(timeWeighted).nullable().optional(),
    exchange: exchange.nullable().meta({
      description: "Where that price was; null for an average over several exchanges",
    }),
    timestamp: timeMs(seen).nullable(),
    samples: count(samples),
    complete: z.boolean().meta({
      description: "Every exchange listed was fresh throughout, so that nothing can be missing",
    }),
    exchanges: z.array(z.object({
      exchange,
      price: amount("The figure on this exchange"),
      timeWeightedPrice: amount(timeWeighted).optional(),
      timestamp: timeMs(seen).nullable(),
      samples: count(samples),
      freshMs: count("How long its quote was fresh"),
      complete: z.boolean().meta({ description: "It was fresh throughout" }),
    })).meta({ description: "Every exchange that had a price in the period" }),
    detail: z.string().nullable().meta({ description: "Says that there was no price; null where there was" }),
  }),
  "Highest, lowest or average price in a period that ends now",
  {
    statistic: "highest",
    symbol: "BTC-USDT",
    mode: "test",
    period: "5m",
    from: 1790000000000,
    to: 1790000300000,
    price: 67012.5,
    exchange: "kraken",
    timestamp: 1790000012345,
    samples: 4210,
    complete: true,
    exchanges: [{
      exchange: "kraken",
      price: 67012.5,
      timestamp: 1790000012345,
      samples: 4210,
      freshMs: 300000,
      complete: true,
    }],
    detail: null,
  },
);

export const PeriodQuery = z.object({
  period: z.string().optional().meta({
    description:
      "How far back: `1s`, `3s`, `5s`, `10s`, `30s`, `1m`, `3m`, `5m`, or any whole number of `s`, " +
      `\`m\`, \`h\` or \`d\` up to what is kept; ${DEFAULT_PERIOD} where absent`,
    example: "5m",
  }),
});

const _same: Same<z.output<typeof StatisticSchema>, StatisticJson> = true;
