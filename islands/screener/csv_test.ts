import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { CHOICES } from "./columns.ts";
import { csvName, csvOf } from "./csv.ts";
import type { Row } from "./rows.ts";

const ONE: Opportunity = {
  id: "m-1",
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "kraken",
  buyPrice: 65733.8,
  sellPrice: 65900,
  sizeBase: 0.0908,
  notionalQuote: 5968.62904,
  grossBps: 25.2839787,
  netBps: -5.25,
  feesQuote: 11.9,
  impactQuote: 0,
  gasQuote: 1e-7,
  profitQuote: 3.14,
  openedAt: 1795274237276,
  updatedAt: 1795274238000,
};

function row(change: Partial<Opportunity> = {}, reason?: string): Row {
  const opportunity = { ...ONE, ...change };
  return {
    key: opportunity.symbol,
    opportunity,
    closed: reason === undefined ? undefined : { at: 0, reason },
    arrived: false,
  };
}

const lines = (text: string) => text.split("\r\n");

Deno.test("a file has a head, and numbers and times as the API has them", () => {
  assert.deepEqual(lines(csvOf([row()], CHOICES, "test")), [
    "id,pair_name,buy_exchange,sell_exchange,buy_price,sell_price,net_bps,gross_bps,fees_quote,impact_quote," +
    "gas_quote,profit_quote,size_base,notional_quote,opened_at,updated_at,reason,mode",
    "m-1,BTC-USDT,okx,kraken,65733.8,65900,-5.25,25.2839787,11.9,0,1e-7,3.14,0.0908,5968.62904," +
    "2026-11-21T15:17:17.276Z,2026-11-21T15:17:18.000Z,,test",
    "",
  ]);
});

Deno.test("columns that are not shown are left out, and what identifies a row never is", () => {
  const [head, record] = lines(csvOf([row({}, "leg_stale")], ["net"], "live"));
  assert.equal(head, "id,pair_name,buy_exchange,sell_exchange,net_bps,updated_at,reason,mode");
  assert.equal(record, "m-1,BTC-USDT,okx,kraken,-5.25,2026-11-21T15:17:18.000Z,leg_stale,live");
  assert.match(csvOf([{ ...row(), below: true }], [], "live"), /,below_filter,live\r\n$/u);
  assert.match(csvOf([row()], [], "live"), /^id,pair_name,buy_exchange,sell_exchange,updated_at/u);
});

Deno.test("rows stand in their order", () => {
  const text = csvOf([row({ symbol: "B-USDT" }), row({ symbol: "A-USDT" })], [], "test");
  assert.deepEqual(lines(text).slice(1, 3).map((line) => line.split(",")[1]), ["B-USDT", "A-USDT"]);
});

Deno.test("a foreign word is quoted where it has to be, and never a formula", () => {
  const record = (symbol: string) => {
    const text = csvOf([row({ symbol })], [], "test");
    return text.slice(text.indexOf("m-1,"), text.indexOf(",okx")).slice(4);
  };
  assert.equal(record('A,"B"'), '"A,""B"""');
  assert.equal(record("=1+1"), "'=1+1");
  assert.equal(record('=HYPERLINK("x")'), `"'=HYPERLINK(""x"")"`);
  for (const start of ["+", "-", "@", "\t", "\r"]) assert.match(record(`${start}X`), /^"?'/u);
});

Deno.test("a file is named by mode and time", () => {
  assert.equal(csvName("live", 1795274237276), "marketflow-live-20261121T151717Z.csv");
});
