/**
 * An opportunity: a route (buy here, sell there) whose net edge is above the threshold and that passed every gate.
 * It is the domain form of the protobuf message `marketflow.v1.ArbitrageOpportunity`.
 *
 * Prices in quote currency per base, times in milliseconds since the epoch, edges in basis points.
 */
export interface Opportunity {
  id: string;
  symbol: string;
  buyExchange: string;
  sellExchange: string;
  /** Paid per base at `sizeBase`: the best ask of a book; the mean price of a pool, its fee and the impact included. */
  buyPrice: number;
  /** Received per base at `sizeBase`, likewise. */
  sellPrice: number;
  /** What both legs can fill and leaves the most: at most what stands at the top of a book. */
  sizeBase: number;
  /** `sizeBase` at the buy price. */
  notionalQuote: number;
  /** What would be left without any costs, from the prices before any size, in basis points of `notionalQuote`. */
  grossBps: number;
  /** What is left after all costs, in basis points of what is paid for the buy leg, its taker fee included. */
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

/** Why an opportunity ended. */
export type CloseReason =
  /** The net edge fell below `minNetBps - hysteresisBps`. */
  | "below_threshold"
  /** A leg's feed died or fell silent. */
  | "leg_stale"
  /** A leg's quote was withdrawn: an empty side or an invalid book. */
  | "leg_withdrawn"
  /** A leg has no size any more. */
  | "size_unknown"
  /** What the gas of a leg costs is not known any more. */
  | "gas_unknown"
  /** A leg's worker ended. */
  | "worker_down"
  | "mode_switch"
  | "shutdown";

/** An opportunity as it stood at its last update, and how it ended. */
export interface ClosedOpportunity extends Opportunity {
  closedAt: number;
  reason: CloseReason;
}

/** An opportunity from beginning to end. */
export interface FinishedOpportunity {
  start: Opportunity;
  /** As it stood at its highest net edge, of equal ones the first time. */
  peak: Opportunity;
  end: ClosedOpportunity;
}

/** What happened to opportunities, in order. `sequence` grows by one per event and never goes back in a process. */
export type OpportunityEvent =
  | { sequence: number; kind: "opportunity"; opportunity: Opportunity }
  | { sequence: number; kind: "closed"; opportunity: ClosedOpportunity };
