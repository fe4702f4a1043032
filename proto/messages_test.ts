import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { opportunityJson, quoteJson } from "../core/app/wire.ts";
import type { CloseReason, Opportunity, OpportunityEvent } from "../core/domain/opportunity.ts";
import type { PoolInfo } from "../core/domain/pool.ts";
import type { Quote } from "../core/domain/quote.ts";
import * as pb from "./gen/marketflow_pb.ts";
import {
  arbitrageOpportunity,
  eventOf,
  marketData,
  opportunityEvent,
  opportunityOf,
  quoteOf,
} from "./messages.ts";

const quote: Quote = {
  exchange: "kraken",
  symbol: "BTC-USDT",
  bid: 67000.1,
  bidSize: 0.00012345,
  ask: 67000.2,
  askSize: 1.5,
  price: 67000.15,
  exchangeTime: 1790000000000.123,
  receivedTime: 1790000000021.5,
  fresh: true,
};

const pool: PoolInfo = {
  address: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
  feePpm: 500,
  blockNumber: 23_456_789,
  blockTime: 1790000000000,
};

const NOW = 1790000004321.5;

const opportunity: Opportunity = {
  id: "m8k2x1-42",
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "gateio",
  buyPrice: 67000,
  sellPrice: 67201,
  sizeBase: 0.5,
  notionalQuote: 33500,
  grossBps: 30.000000000000004,
  netBps: -9.96,
  feesQuote: 67.1005,
  impactQuote: 12.25,
  gasQuote: 4.125,
  profitQuote: 33.4,
  openedAt: 1790000000000.25,
  updatedAt: 1790000000150.75,
};

/** As it arrives at a client of the API. */
const received = (value: object) => JSON.parse(JSON.stringify(value));

for (
  const [what, one] of [
    ["with both sides", quote],
    ["of a pool", { ...quote, exchange: "uniswap-v3", pool }],
    ["with an empty side", { ...quote, bid: null, bidSize: null, price: null }],
    ["of a source that states only a price", {
      ...quote,
      bid: null,
      bidSize: null,
      ask: null,
      askSize: null,
      exchangeTime: null,
      fresh: false,
    }],
  ] as const
) {
  Deno.test(`a quote ${what} comes back from the wire as it was`, () => {
    const bytes = toBinary(pb.MarketDataSchema, marketData(one));
    assert.deepEqual(quoteOf(fromBinary(pb.MarketDataSchema, bytes)), one);
  });
}

Deno.test("an opportunity comes back from the wire as it was", () => {
  const bytes = toBinary(pb.ArbitrageOpportunitySchema, arbitrageOpportunity(opportunity));
  assert.deepEqual(opportunityOf(fromBinary(pb.ArbitrageOpportunitySchema, bytes)), opportunity);
});

Deno.test("an event comes back from the wire as it was, whatever closed it", () => {
  const reasons: Record<CloseReason, true> = {
    below_threshold: true,
    leg_stale: true,
    leg_withdrawn: true,
    size_unknown: true,
    gas_unknown: true,
    worker_down: true,
    mode_switch: true,
    shutdown: true,
  };
  const events: OpportunityEvent[] = [{ sequence: 2 ** 53 - 1, kind: "opportunity", opportunity }];
  for (const reason of Object.keys(reasons) as CloseReason[]) {
    const closed = { ...opportunity, closedAt: 1790000000200.5, reason };
    events.push({ sequence: 7, kind: "closed", opportunity: closed });
  }
  for (const event of events) {
    const bytes = toBinary(pb.OpportunityEventSchema, opportunityEvent(event));
    assert.deepEqual(eventOf(fromBinary(pb.OpportunityEventSchema, bytes)), event);
  }
});

Deno.test("an event of a kind that is not known is not taken for another", () => {
  assert.equal(eventOf(fromBinary(pb.OpportunityEventSchema, new Uint8Array([8, 1]))), undefined);
});

Deno.test("the JSON form of a quote is that of the API", () => {
  const api = quoteJson(quote, NOW);
  assert.deepEqual(toJson(pb.MarketDataSchema, marketData(api)), received(api));
});

Deno.test("of a pool the API says in addition how old its block is now, in whole milliseconds", () => {
  const { pool: shown, ...api } = quoteJson({ ...quote, pool }, NOW);
  assert.deepEqual(shown, { ...pool, blockAgeMs: 4322 });
  assert.deepEqual(toJson(pb.MarketDataSchema, marketData({ ...api, pool })), received({ ...api, pool }));
  assert.equal(quoteJson({ ...quote, pool }, pool.blockTime - 900).pool!.blockAgeMs, 0);
});

Deno.test("a field that is null in the API is absent in the JSON form of the message", () => {
  const api = quoteJson({ ...quote, ask: null, askSize: null, price: null }, NOW);
  const { ask: _, askSize: __, price: ___, ...rest } = api;
  assert.deepEqual(toJson(pb.MarketDataSchema, marketData(api)), received(rest));
});

Deno.test("the JSON form of an opportunity is that of the API", () => {
  const api = opportunityJson(opportunity);
  assert.deepEqual(toJson(pb.ArbitrageOpportunitySchema, arbitrageOpportunity(api)), received(api));
});
