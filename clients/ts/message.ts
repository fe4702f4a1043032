/** Messages of the server whatever their form, and what a form has to be able to do. */
import type { ClosedOpportunity, Mode, Opportunity, OpportunityFilter, Quote } from "./types.ts";

/** `sequence` is 0 in messages that show nothing of the market. */
export type Message =
  & { sequence: number }
  & (
    | { kind: "subscribed"; filter: OpportunityFilter }
    | { kind: "opportunitySnapshot"; mode: Mode; opportunities: Opportunity[] }
    | { kind: "opportunityUpdate"; opportunity: Opportunity }
    | { kind: "opportunityClose"; opportunity: ClosedOpportunity }
    | { kind: "quoteSnapshot"; mode: Mode; quotes: Quote[] }
    | { kind: "quoteUpdate"; quotes: Quote[]; withdrawn: { exchange: string; symbol: string }[] }
    | { kind: "heartbeat"; time: number }
    | { kind: "problem"; title: string; detail: string }
  );

export interface Format {
  /** Name of the WebSocket subprotocol. */
  readonly subprotocol: string;
  /**
   * Reads a frame, which is text or binary. Undefined for a kind of message that this client does not know: a newer
   * program may send some. Throws where it is no message at all.
   */
  decode(data: unknown): Message | undefined;
  /** Asks for another filter. */
  subscribe(filter: OpportunityFilter): string | Uint8Array<ArrayBuffer>;
}
