/** Quotes. */
import { z } from "zod";
import type { QuoteJson } from "../../core/app/wire.ts";
import { amount, count, exchange, ModeSchema, named, type Same, symbol, timeMs } from "./base.ts";

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
    pool: z.object({
      address: z.string().meta({ description: "Of its contract, lower case with `0x`" }),
      feePpm: amount("What it keeps of what goes in, in millionths: 3000 is 0.3 %"),
      blockNumber: count("The block after which the quote holds"),
      blockTime: timeMs("Of that block, by the chain's clock"),
      blockAgeMs: count("How long ago that was when this was answered"),
    }).exactOptional().meta({ description: "Where it is a pool that quotes; absent for books" }),
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

const _same: Same<z.output<typeof QuoteSchema>, QuoteJson> = true;
