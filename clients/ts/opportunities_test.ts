import assert from "node:assert/strict";
import { applyToOpportunities, type OpportunityEvent } from "./opportunities.ts";
import { applyToQuotes, quoteKey } from "./quotes.ts";
import type { Opportunity, Quote } from "./types.ts";

const one = (id: string, netBps: number) => ({ id, netBps }) as Opportunity;

Deno.test("a snapshot replaces all opportunities, everything else changes one", () => {
  const rows = new Map<string, Opportunity>();
  const told: OpportunityEvent[] = [
    {
      type: "snapshot",
      mode: "test",
      opportunities: [one("a", 1), one("b", 2)],
    },
    { type: "update", opportunity: one("b", 3) },
    { type: "update", opportunity: one("c", 4) },
    { type: "heartbeat", time: 1 },
    {
      type: "close",
      opportunity: { ...one("a", 1), closedAt: 5, reason: "leg_stale" },
    },
    {
      type: "close",
      opportunity: {
        ...one("never seen", 1),
        closedAt: 5,
        reason: "leg_stale",
      },
    },
  ];
  for (const event of told) applyToOpportunities(rows, event);
  assert.deepEqual([...rows.values()], [one("b", 3), one("c", 4)]);
  applyToOpportunities(rows, {
    type: "snapshot",
    mode: "live",
    opportunities: [],
  });
  assert.equal(rows.size, 0);
});

Deno.test("a quote stands under exchange and symbol until it is withdrawn", () => {
  const rows = new Map<string, Quote>();
  const quote = { exchange: "okx", symbol: "BTC-USDT", bid: 1 } as Quote;
  applyToQuotes(rows, {
    type: "snapshot",
    mode: "test",
    quotes: [quote, { ...quote, symbol: "ETH-USDT" }],
  });
  applyToQuotes(rows, { type: "update", quote: { ...quote, bid: 2 } });
  assert.equal(rows.get(quoteKey(quote))?.bid, 2);
  applyToQuotes(rows, {
    type: "withdrawn",
    exchange: "okx",
    symbol: "BTC-USDT",
  });
  assert.deepEqual([...rows.keys()], ["okx ETH-USDT"]);
});
