/** `marketflow.v1.protobuf`: a `StreamMessage` of proto/marketflow.proto in each binary frame. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { StreamProtocol } from "../../core/app/stream/protocol.ts";
import type { Mode } from "../../core/domain/mode.ts";
import * as pb from "../../proto/gen/marketflow_pb.ts";
import { arbitrageOpportunity, closedOpportunity, marketData } from "../../proto/messages.ts";

const MODES: Record<Mode, pb.Mode> = { live: pb.Mode.LIVE, test: pb.Mode.TEST };

function frame(sequence: number, message: pb.StreamMessage["message"]): Uint8Array {
  return toBinary(
    pb.StreamMessageSchema,
    create(pb.StreamMessageSchema, { sequence: BigInt(sequence), message }),
  );
}

function heartbeat(sequence: number, time: number): Uint8Array {
  return frame(sequence, { case: "heartbeat", value: create(pb.HeartbeatSchema, { time }) });
}

export const protobuf: StreamProtocol = {
  name: "marketflow.v1.protobuf",
  binary: true,
  opportunities: {
    snapshot: (id, { mode, opportunities }) =>
      frame(id, {
        case: "opportunitySnapshot",
        value: create(pb.OpportunitySnapshotSchema, { mode: MODES[mode], opportunities }),
      }),
    opportunity: (id, opportunity) =>
      frame(id, { case: "opportunityUpdate", value: arbitrageOpportunity(opportunity) }),
    closed: (id, closed) => frame(id, { case: "opportunityClose", value: closedOpportunity(closed) }),
    keepAlive: heartbeat,
  },
  quotes: {
    snapshot: (sequence, { mode, quotes }) =>
      frame(sequence, {
        case: "quoteSnapshot",
        value: create(pb.QuoteSnapshotSchema, { mode: MODES[mode], quotes: quotes.map(marketData) }),
      }),
    update: (sequence, changes) =>
      frame(sequence, {
        case: "quoteUpdate",
        value: create(pb.QuoteUpdateSchema, {
          quotes: changes.flatMap(({ quote }) => quote ? [marketData(quote)] : []),
          withdrawn: changes.flatMap(({ exchange, symbol, quote }) => quote ? [] : [{ exchange, symbol }]),
        }),
      }),
    keepAlive: heartbeat,
  },
  read(data, binary) {
    if (!binary) return "This subprotocol has binary frames; ask for marketflow.v1.json to send text";
    let message: pb.ClientMessage;
    try {
      message = fromBinary(pb.ClientMessageSchema, data);
    } catch {
      return "The frame is no marketflow.v1.ClientMessage";
    }
    if (message.message.case !== "subscribe") return "The message is empty; send a subscription";
    const { symbol, exchange, minNetBps, lastSequence } = message.message.value;
    return {
      symbol,
      exchange,
      minNetBps,
      lastSequence: lastSequence === undefined ? undefined : Number(lastSequence),
    };
  },
  subscribed: ({ symbol = "", exchange = "", minNetBps }) =>
    frame(0, {
      case: "subscribed",
      value: create(pb.SubscribedSchema, {
        symbol,
        exchange,
        ...(minNetBps !== undefined && { minNetBps }),
      }),
    }),
  problem: (title, detail) =>
    frame(0, { case: "problem", value: create(pb.ProblemSchema, { title, detail }) }),
};
