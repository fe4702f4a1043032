/**
 * What is spoken on a WebSocket: how the messages of the hubs look, and what a client can ask. Each subprotocol is one of
 * these; they differ in form alone.
 */
import type { QuoteEncoder } from "../quote_stream.ts";
import type { StreamEncoder } from "../stream.ts";

/** What a client asks for, as it wrote it; nothing is checked but the types. */
export interface Subscription {
  symbol?: string | undefined;
  exchange?: string | undefined;
  minNetBps?: number | undefined;
  lastSequence?: number | undefined;
}

export interface StreamProtocol {
  /** Name of the subprotocol, with the version of its messages. */
  readonly name: string;
  /** Whether its messages are binary ones; others are text. */
  readonly binary: boolean;
  readonly opportunities: StreamEncoder;
  readonly quotes: QuoteEncoder;
  /** Reads a message of a client. Where that is none, the text says why. */
  read(data: Uint8Array, binary: boolean): Subscription | string;
  subscribed(filter: Subscription): Uint8Array;
  problem(title: string, detail: string): Uint8Array;
}
