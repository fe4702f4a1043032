/** Domain to protobuf messages and back. */
import { create } from "@bufbuild/protobuf";
import type { StreamClosed } from "../core/app/stream.ts";
import type { CloseReason, OpportunityEvent } from "../core/domain/opportunity.ts";
import type { ClosedOpportunity, Opportunity } from "../core/domain/opportunity.ts";
import type { PoolInfo } from "../core/domain/pool.ts";
import type { Quote } from "../core/domain/quote.ts";
import * as pb from "./gen/marketflow_pb.ts";

/** Each reason under its number on the wire. Numbers are for ever; a new reason takes the next. */
const REASONS = {
  below_threshold: pb.CloseReason.BELOW_THRESHOLD,
  leg_stale: pb.CloseReason.LEG_STALE,
  leg_withdrawn: pb.CloseReason.LEG_WITHDRAWN,
  size_unknown: pb.CloseReason.SIZE_UNKNOWN,
  gas_unknown: pb.CloseReason.GAS_UNKNOWN,
  worker_down: pb.CloseReason.WORKER_DOWN,
  mode_switch: pb.CloseReason.MODE_SWITCH,
  shutdown: pb.CloseReason.SHUTDOWN,
  below_filter: pb.CloseReason.BELOW_FILTER,
} as const satisfies Record<StreamClosed["reason"], pb.CloseReason>;

/** `below_filter` is of streams alone. */
const REASON_NAMES = new Map(
  Object.entries(REASONS).filter(([name]) => name !== "below_filter")
    .map(([name, value]) => [value, name as CloseReason]),
);

/** What the domain says with null, a message says by leaving the field out. */
export function marketData(quote: Quote): pb.MarketData {
  const { bid, bidSize, ask, askSize, price, exchangeTime, pool, ...rest } = quote;
  return create(pb.MarketDataSchema, {
    ...rest,
    ...(bid === null ? {} : { bid }),
    ...(bidSize === null ? {} : { bidSize }),
    ...(ask === null ? {} : { ask }),
    ...(askSize === null ? {} : { askSize }),
    ...(price === null ? {} : { price }),
    ...(exchangeTime === null ? {} : { exchangeTime }),
    ...(pool === undefined ? {} : { pool: create(pb.PoolSchema, pool) }),
  });
}

export function quoteOf(message: pb.MarketData): Quote {
  const { exchange, symbol, receivedTime, fresh } = message;
  const { bid = null, bidSize = null, ask = null, askSize = null, price = null, exchangeTime = null } =
    message;
  const quote = { exchange, symbol, bid, bidSize, ask, askSize, price, exchangeTime, receivedTime, fresh };
  return message.pool === undefined ? quote : { ...quote, pool: poolOf(message.pool) };
}

function poolOf({ address, feePpm, blockNumber, blockTime }: pb.Pool): PoolInfo {
  return { address, feePpm, blockNumber, blockTime };
}

export function arbitrageOpportunity(opportunity: Opportunity): pb.ArbitrageOpportunity {
  return create(pb.ArbitrageOpportunitySchema, opportunity);
}

export function opportunityOf(message: pb.ArbitrageOpportunity): Opportunity {
  const { $typeName: _, $unknown: __, ...opportunity } = message;
  return opportunity;
}

export function opportunityEvent(event: OpportunityEvent): pb.OpportunityEvent {
  const sequence = BigInt(event.sequence);
  if (event.kind === "opportunity") {
    const value = arbitrageOpportunity(event.opportunity);
    return create(pb.OpportunityEventSchema, { sequence, event: { case: "opportunity", value } });
  }
  const value = closedOpportunity(event.opportunity);
  return create(pb.OpportunityEventSchema, { sequence, event: { case: "closed", value } });
}

export function closedOpportunity(closed: StreamClosed): pb.ClosedOpportunity {
  const { closedAt, reason, ...opportunity } = closed;
  return create(pb.ClosedOpportunitySchema, { opportunity, closedAt, reason: REASONS[reason] });
}

/** Undefined where the message is of a kind, or has a reason, that this version does not know. */
export function eventOf(message: pb.OpportunityEvent): OpportunityEvent | undefined {
  const sequence = Number(message.sequence);
  if (message.event.case === "opportunity") {
    return { sequence, kind: "opportunity", opportunity: opportunityOf(message.event.value) };
  }
  if (message.event.case !== "closed") return undefined;
  const { opportunity, closedAt, reason } = message.event.value;
  const name = REASON_NAMES.get(reason as (typeof REASONS)[CloseReason]);
  if (!opportunity || !name) return undefined;
  const closed: ClosedOpportunity = { ...opportunityOf(opportunity), closedAt, reason: name };
  return { sequence, kind: "closed", opportunity: closed };
}
