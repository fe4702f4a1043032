/** The other leg: the book of an emulated exchange, as a client of the exchange that is not ours reads it. */
import { emulatedExchange } from "../tools/ccxt_exchange.ts";
import type { VenueId } from "./exchanges.ts";

const NAMES = { bybit: "bybit", okx: "okx", gateio: "gate", kraken: "kraken" } as const;

type Level = [price: number, size: number];

/** A book as it stood, best first. */
export interface Book {
  bids: Level[];
  asks: Level[];
}

/** The book that the exchange sends to somebody who has just come. */
export async function bookOf(venue: VenueId, port: number, symbol: string): Promise<Book> {
  const exchange = emulatedExchange(`http://127.0.0.1:${port}`, NAMES[venue]);
  try {
    const { bids, asks } = await exchange.watchOrderBook(symbol.replace("-", "/"));
    const levels = (side: Level[]): Level[] => side.map(([price, size]) => [Number(price), Number(size)]);
    return { bids: levels(bids), asks: levels(asks) };
  } finally {
    await exchange.close();
  }
}

/** What a market order of this size pays or gets, without a fee; undefined where the side does not have so much. */
export function walk(levels: readonly Level[], size: number): number | undefined {
  let left = size;
  let quote = 0;
  for (const [price, there] of levels) {
    const part = Math.min(left, there);
    quote += part * price;
    left -= part;
    if (left <= 0) return quote;
  }
  return undefined;
}
