import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { alertWords } from "./alert_words.ts";

const ONE = {
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "gateio",
  buyPrice: 65733.8,
  sellPrice: 65900,
  netBps: 21.04,
  profitQuote: 12.3,
} as Opportunity;

Deno.test("an alert for one says what to do, for several how many and the best", () => {
  assert.deepEqual(alertWords([ONE], 20), {
    title: "BTC-USDT: 21.0 bps",
    body: "Buy at OKX for 65,733.80, sell at Gate.io for 65,900.00. 12.30 USDT after costs",
  });
  const { title, body } = alertWords([ONE, ONE, ONE, ONE, ONE], 20);
  assert.equal(title, "5 opportunities from 20 bps");
  assert.deepEqual(body.split("\n"), [...Array(3).fill("BTC-USDT 21.0 bps, OKX to Gate.io"), "and 2 more"]);
});
