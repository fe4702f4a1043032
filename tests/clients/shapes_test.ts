/** The client has types of its own, because it is taken elsewhere: here they are held against those of the program. */
import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import * as client from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import type { QuoteJson } from "../../core/app/wire.ts";
import type { StreamClosed } from "../../core/app/stream.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { PoolInfo } from "../../core/domain/pool.ts";
import * as pb from "../../proto/gen/marketflow_pb.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Flat<T> = { [Key in keyof T]: T[Key] };

type True<Claim extends true> = Claim;

/** `deno check` says it where one of these is not true. */
export type Shapes = [
  True<Same<client.Mode, Mode>>,
  True<Same<Flat<client.Opportunity>, Flat<Opportunity>>>,
  True<Same<client.CloseReason, StreamClosed["reason"] | "unknown">>,
  True<Same<Flat<Omit<client.ClosedOpportunity, "reason">>, Flat<Omit<StreamClosed, "reason">>>>,
  True<Same<Flat<Omit<client.Quote, "pool">>, Flat<Omit<QuoteJson, "pool">>>>,
  True<Same<Flat<client.Pool>, Flat<PoolInfo>>>,
];

function closedWith(reason: pb.CloseReason) {
  const opportunity = create(pb.ArbitrageOpportunitySchema, { id: "a" });
  const value = create(pb.ClosedOpportunitySchema, {
    opportunity,
    closedAt: 1,
    reason,
  });
  const bytes = toBinary(
    pb.StreamMessageSchema,
    create(pb.StreamMessageSchema, {
      sequence: 5n,
      message: { case: "opportunityClose", value },
    }),
  );
  const message = protobuf.decode(bytes.buffer);
  assert.ok(message?.kind === "opportunityClose");
  return message.opportunity.reason;
}

function closedInJsonWith(reason: unknown) {
  const row = { id: "a", symbol: "BTC-USDT", buyExchange: "okx", sellExchange: "kraken" };
  const message = client.json.decode(JSON.stringify({ opportunityClose: { ...row, closedAt: 1, reason } }));
  assert.ok(message?.kind === "opportunityClose");
  return message.opportunity.reason;
}

Deno.test("every reason of the schema has the name that the API gives it, one that is not known is unknown", () => {
  const names = Object.values(pb.CloseReason).filter((value) => typeof value === "number").map(closedWith);
  assert.deepEqual(names, [
    "unknown",
    "below_threshold",
    "leg_stale",
    "leg_withdrawn",
    "worker_down",
    "mode_switch",
    "shutdown",
    "size_unknown",
    "gas_unknown",
    "below_filter",
  ]);
  assert.equal(closedWith(99 as pb.CloseReason), "unknown");
  assert.deepEqual(names.map(closedInJsonWith), names);
  for (const reason of ["venue_closed", "toString", 7, null, undefined]) {
    assert.equal(closedInJsonWith(reason), "unknown", String(reason));
  }
});

Deno.test("frames of protobuf that make no sense are errors, kinds that are not known are passed over", () => {
  assert.throws(() => protobuf.decode("text"), /text/u);
  assert.throws(() => protobuf.decode(new Uint8Array([255, 255]).buffer));
  const message = (value: pb.StreamMessage["message"]) =>
    toBinary(
      pb.StreamMessageSchema,
      create(pb.StreamMessageSchema, { message: value }),
    ).buffer;
  assert.throws(
    () =>
      protobuf.decode(
        message({
          case: "opportunityClose",
          value: create(pb.ClosedOpportunitySchema),
        }),
      ),
    /missing/u,
  );
  assert.throws(
    () =>
      protobuf.decode(
        message({
          case: "quoteSnapshot",
          value: create(pb.QuoteSnapshotSchema),
        }),
      ),
    /mode/u,
  );
  // Field 15 of another version.
  assert.equal(protobuf.decode(new Uint8Array([0x7a, 0]).buffer), undefined);
});
