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
  /** Best ask of the venue that we buy from. */
  buyPrice: number;
  /** Best bid of the venue that we sell to. */
  sellPrice: number;
  /** What both tops of book can fill. */
  sizeBase: number;
  /** `sizeBase` at the buy price. */
  notionalQuote: number;
  grossBps: number;
  /** After the taker fees of both legs. */
  netBps: number;
  /** What the route leaves at `sizeBase`, after fees. */
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
