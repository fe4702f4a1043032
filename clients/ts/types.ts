/** What MarketFlow streams: the same shapes as the JSON of its API, whatever form they came in. */

/** `live` is real venues, `test` is synthetic ones: their prices are made up. */
export type Mode = "live" | "test";

/**
 * A route (buy here, sell there) whose net edge is above the threshold and that passed every check. Prices are in quote
 * currency per base, times in milliseconds since the epoch, edges in basis points (1 bps = 0.01 %).
 */
export interface Opportunity {
  /** Stays the same from opening to closing. */
  id: string;
  /** For example `BTC-USDT`. */
  symbol: string;
  buyExchange: string;
  sellExchange: string;
  /** Paid per base: the best ask of a book; of a pool the mean price at `sizeBase`, with its fee and impact. */
  buyPrice: number;
  /** Received per base, likewise. */
  sellPrice: number;
  /** What both legs can fill and leaves the most; of a book at most what stands at its top. */
  sizeBase: number;
  /** `sizeBase` at the buy price. */
  notionalQuote: number;
  /** Without any costs, of `notionalQuote`. */
  grossBps: number;
  /** After all costs, of what the buy leg costs with its taker fee. */
  netBps: number;
  /** Taker fees of books, and what pools keep of what goes in. */
  feesQuote: number;
  /** How much worse pools get with the size. */
  impactQuote: number;
  /** Gas of the swaps at its present price. */
  gasQuote: number;
  /** What the route leaves at `sizeBase`, after all costs: gross less fees, impact and gas. */
  profitQuote: number;
  openedAt: number;
  updatedAt: number;
}

/** All that this client knows. */
const CLOSE_REASONS = [
  "below_threshold",
  "leg_stale",
  "leg_withdrawn",
  "size_unknown",
  "gas_unknown",
  "worker_down",
  "mode_switch",
  "shutdown",
  "below_filter",
] as const;

/**
 * Why an opportunity ended. `below_filter`: it lives on, below the `minNetBps` that was asked for. `unknown`: a newer
 * program has a reason that this client does not know.
 */
export type CloseReason = typeof CLOSE_REASONS[number] | "unknown";

/** Of what a message says. */
export function closeReasonOf(said: unknown): CloseReason {
  return CLOSE_REASONS.find((reason) => reason === said) ?? "unknown";
}

/** An opportunity as it stood at its last update, and how it ended. */
export interface ClosedOpportunity extends Opportunity {
  closedAt: number;
  reason: CloseReason;
}

/** Best bid and ask of one symbol on one exchange at one moment. Prices in quote currency, sizes in base. */
export interface Quote {
  exchange: string;
  symbol: string;
  /** Null for a source that states only a price. */
  bid: number | null;
  bidSize: number | null;
  ask: number | null;
  askSize: number | null;
  /** The middle of bid and ask, or the only price that the source states. */
  price: number | null;
  /** Clock of the venue, ms since the epoch; null where it sends none. */
  exchangeTime: number | null;
  /** When the frame arrived at MarketFlow, ms since the epoch. */
  receivedTime: number;
  /** The feed is alive and the book valid, whatever the age of the price. */
  fresh: boolean;
  /** Which pool it is of, where it is a pool that quotes. */
  pool?: Pool;
}

export interface Pool {
  /** Of the contract, lower case with 0x. */
  address: string;
  /** Of what goes in, in millionths: 3000 is 0.3 %. */
  feePpm: number;
  /** The block after which the quote holds, and its time by the chain's clock, ms since the epoch. */
  blockNumber: number;
  blockTime: number;
}

/** What an opportunity has to fit. What is left out does not filter. */
export interface OpportunityFilter {
  /** In any common spelling: `BTC-USDT`, `btcusdt`. */
  symbol?: string | undefined;
  /** On either leg. */
  exchange?: string | undefined;
  /** At least this net edge. */
  minNetBps?: number | undefined;
}

/** What a quote has to fit. What is left out does not filter. */
export interface QuoteFilter {
  symbol?: string | undefined;
  exchange?: string | undefined;
}
