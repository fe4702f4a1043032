/** An opportunity from opening to closing, as it is kept: where it began, its best moment, how and why it ended. */
import { BPS } from "./edge.ts";
import type { Mode } from "./mode.ts";
import type { CloseReason } from "./opportunity.ts";

/** What a route was worth at one moment of an episode. Units as in `Opportunity`. */
export interface EpisodeMoment {
  /** ms since the epoch. */
  time: number;
  buyPrice: number;
  sellPrice: number;
  sizeBase: number;
  notionalQuote: number;
  grossBps: number;
  netBps: number;
  feesQuote: number;
  impactQuote: number;
  gasQuote: number;
  profitQuote: number;
}

/** Where no fee was taken, what is left of the others is the rounding of their digits. */
const ROUNDING = 1e-12;

/**
 * What the fees were of a moment whose other figures are known: gross less fees, impact and gas is profit. So they need not
 * be kept.
 */
export function feesOf(
  moment: Pick<EpisodeMoment, "grossBps" | "notionalQuote" | "impactQuote" | "gasQuote" | "profitQuote">,
): number {
  const gross = moment.grossBps * moment.notionalQuote / BPS;
  const fees = gross - moment.impactQuote - moment.gasQuote - moment.profitQuote;
  return Math.abs(fees) < ROUNDING * Math.abs(gross) ? 0 : fees;
}

export interface Episode {
  /** The id of the opportunity. */
  id: string;
  mode: Mode;
  symbol: string;
  buyExchange: string;
  sellExchange: string;
  /** Costs: the taker fee of each leg. */
  buyFeeBps: number;
  sellFeeBps: number;
  start: EpisodeMoment;
  /** The moment with the highest net edge; of equal ones the first. */
  peak: EpisodeMoment;
  /** The last figures before it closed; `time` is when it closed. */
  end: EpisodeMoment;
  reason: CloseReason;
}
