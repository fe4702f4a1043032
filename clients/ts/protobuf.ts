/**
 * `marketflow.v1.protobuf`: messages of `proto/marketflow.proto`, about a third as long as JSON. An entry of its own,
 * because it needs the package `@bufbuild/protobuf`. Numbers come unrounded, times with the fractions that they have.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as pb from "./gen/marketflow_pb.ts";
import type { Format, Message } from "./message.ts";
import {
  type ClosedOpportunity,
  type CloseReason,
  closeReasonOf,
  type Mode,
  type Opportunity,
  type Quote,
} from "./types.ts";

export const protobuf: Format = {
  subprotocol: "marketflow.v1.protobuf",
  decode(data) {
    if (!(data instanceof ArrayBuffer)) throw new TypeError("The frame is text, and not binary");
    const { sequence, message } = fromBinary(pb.StreamMessageSchema, new Uint8Array(data));
    const read = bodyOf(message);
    return read && { sequence: Number(sequence), ...read } as Message;
  },
  subscribe({ symbol = "", exchange = "", minNetBps }) {
    const value = create(pb.SubscribeSchema, {
      symbol,
      exchange,
      ...(minNetBps !== undefined && { minNetBps }),
    });
    return toBinary(
      pb.ClientMessageSchema,
      create(pb.ClientMessageSchema, {
        message: { case: "subscribe", value },
      }),
    );
  },
};

type Body<One = Message> = One extends Message ? Omit<One, "sequence"> : never;

/** The case of a message is the name of its kind in the other form, too. */
function bodyOf(message: pb.StreamMessage["message"]): Body | undefined {
  switch (message.case) {
    case "subscribed": {
      const { symbol, exchange, minNetBps } = message.value;
      return {
        kind: message.case,
        filter: {
          ...(symbol !== "" && { symbol }),
          ...(exchange !== "" && { exchange }),
          ...(minNetBps !== undefined && { minNetBps }),
        },
      };
    }
    case "opportunitySnapshot":
      return {
        kind: message.case,
        mode: modeOf(message.value.mode),
        opportunities: message.value.opportunities.map(opportunityOf),
      };
    case "opportunityUpdate":
      return { kind: message.case, opportunity: opportunityOf(message.value) };
    case "opportunityClose":
      return { kind: message.case, opportunity: closedOf(message.value) };
    case "quoteSnapshot":
      return {
        kind: message.case,
        mode: modeOf(message.value.mode),
        quotes: message.value.quotes.map(quoteOf),
      };
    case "quoteUpdate": {
      const { quotes, withdrawn } = message.value;
      return {
        kind: message.case,
        quotes: quotes.map(quoteOf),
        withdrawn: withdrawn.map(({ exchange, symbol }) => ({ exchange, symbol })),
      };
    }
    case "heartbeat":
      return { kind: message.case, time: message.value.time };
    case "problem":
      return { kind: message.case, title: message.value.title, detail: message.value.detail };
  }
}

function opportunityOf({ $typeName: _, $unknown: __, ...opportunity }: pb.ArbitrageOpportunity): Opportunity {
  if (opportunity.id === "") throw new TypeError("An opportunity has no id");
  return opportunity;
}

function closedOf({ opportunity, closedAt, reason }: pb.ClosedOpportunity): ClosedOpportunity {
  if (opportunity === undefined) throw new TypeError("What is closed is missing");
  return { ...opportunityOf(opportunity), closedAt, reason: reasonOf(reason) };
}

/** The API's names are those of the schema without what they have in common. */
function reasonOf(reason: pb.CloseReason): CloseReason {
  return closeReasonOf(pb.CloseReasonSchema.value[reason]?.localName.toLowerCase());
}

function modeOf(mode: pb.Mode): Mode {
  if (mode !== pb.Mode.LIVE && mode !== pb.Mode.TEST) throw new TypeError(`The mode is ${mode}`);
  return mode === pb.Mode.LIVE ? "live" : "test";
}

/** What the API says with null, a message says by leaving the field out. */
function quoteOf(message: pb.MarketData): Quote {
  const { exchange, symbol, receivedTime, fresh, pool } = message;
  const { bid = null, bidSize = null, ask = null, askSize = null, price = null, exchangeTime = null } =
    message;
  const quote = { exchange, symbol, bid, bidSize, ask, askSize, price, exchangeTime, receivedTime, fresh };
  if (exchange === "" || symbol === "") throw new TypeError("A quote has no exchange or symbol");
  if (!pool) return quote;
  const { address, feePpm, blockNumber, blockTime } = pool;
  return { ...quote, pool: { address, feePpm, blockNumber, blockTime } };
}
