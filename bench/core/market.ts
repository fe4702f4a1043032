/**
 * Ticks of a made-up market: every exchange quotes every symbol near a price that wanders, with a spread of its own.
 * A few symbols stand far enough apart between two exchanges that a route qualifies now and then, as on real venues,
 * where nearly all ticks change no best and open nothing.
 */
import { QuoteState } from "../../core/domain/quote.ts";
import { Row } from "../../core/app/channel.ts";
import { seeded } from "../harness/stats.ts";

export interface MarketShape {
  exchanges: number;
  symbols: number;
  ticks: number;
  seed: number;
}

/** Share of ticks that change sizes only: most of what a busy top of book says. */
const SIZE_ONLY = 0.5;
/** One symbol in so many stands apart between exchanges, and where it stands changes with this share of its ticks. */
const APART = 50;
const JUMPS = 0.05;

/** All ticks as packed rows of a channel, one after the other. */
export function rowsOf({ exchanges, symbols, ticks, seed }: MarketShape): Float64Array {
  const random = seeded(seed);
  const cells = exchanges * symbols;
  const middle = Float64Array.from({ length: symbols }, () => 10 ** (random() * 5 - 1));
  const bias = Float64Array.from({ length: cells }, () => (random() - 0.5) * 6e-4);
  const bid = new Float64Array(cells);
  const ask = new Float64Array(cells);
  const apart = new Float64Array(cells);
  const rows = new Float64Array(ticks * Row.WORDS);
  for (let n = 0; n < ticks; n++) {
    // The first ticks fill the table, so that no exchange is missing.
    const cell = n < cells ? n : Math.floor(random() * cells);
    const symbol = cell % symbols;
    if (n < cells || random() >= SIZE_ONLY) {
      middle[symbol]! *= 1 + (random() - 0.5) * 1e-4;
      if (symbol % APART === 0 && random() < JUMPS) apart[cell] = (random() - 0.5) * 8e-3;
      const price = middle[symbol]! * (1 + bias[cell]! + apart[cell]!);
      bid[cell] = price * (1 - 1e-4);
      ask[cell] = price * (1 + 1e-4);
    }
    const at = n * Row.WORDS;
    rows[at + Row.cell] = cell;
    rows[at + Row.state] = QuoteState.fresh;
    rows[at + Row.bid] = bid[cell]!;
    rows[at + Row.bidSize] = 0.1 + random();
    rows[at + Row.ask] = ask[cell]!;
    rows[at + Row.askSize] = 0.1 + random();
    rows[at + Row.price] = (bid[cell]! + ask[cell]!) / 2;
    rows[at + Row.exchangeTime] = rows[at + Row.receivedTime] = 1_790_000_000_000 + n;
    rows[at + Row.ticks] = 1;
  }
  return rows;
}
