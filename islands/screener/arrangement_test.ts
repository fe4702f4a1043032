import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { arrange, MAX_SHOWN, refresh } from "./arrangement.ts";
import { reasonOf, Rows } from "./rows.ts";
import { readView } from "./view.ts";

const VIEW = readView(new URLSearchParams());

function opportunity(symbol: string, netBps: number, updatedAt = 1000): Opportunity {
  return {
    id: symbol,
    symbol,
    buyExchange: "okx",
    sellExchange: "kraken",
    buyPrice: 100,
    sellPrice: 101,
    sizeBase: 1,
    notionalQuote: 100,
    grossBps: netBps + 20,
    netBps,
    feesQuote: 0.2,
    impactQuote: 0,
    gasQuote: 0,
    profitQuote: 0.5,
    openedAt: 1000,
    updatedAt,
  };
}

const symbols = (arrangement: { rows: readonly { opportunity: Opportunity }[] }) =>
  arrangement.rows.map((row) => row.opportunity.symbol).join(" ");

Deno.test("an arrangement is sorted and filtered by the view", () => {
  const rows = new Rows([opportunity("A-USDT", 10), opportunity("B-USDT", 30), opportunity("C-USDT", 20)]);
  assert.equal(symbols(arrange(rows.all, VIEW, 0)), "B-USDT C-USDT A-USDT");
  const some = arrange(rows.all, { ...VIEW, minNetBps: 15, descending: false }, 0);
  assert.equal(symbols(some), "C-USDT B-USDT");
  assert.equal(some.fitting, 2);
});

Deno.test("rows keep their places while values change, and new ones join at the end", () => {
  const rows = new Rows([opportunity("A-USDT", 10), opportunity("B-USDT", 30)]);
  const first = arrange(rows.all, VIEW, 0);
  rows.update(opportunity("A-USDT", 90, 2000));
  rows.update(opportunity("C-USDT", 50));
  const second = refresh(first, rows.all, VIEW, false);
  assert.equal(symbols(second), "B-USDT A-USDT C-USDT");
  assert.equal(second.rows[1]?.opportunity.netBps, 90);
  assert.equal(second.turn, first.turn);
  assert.equal(symbols(arrange(rows.all, VIEW, 1)), "A-USDT C-USDT B-USDT");
});

Deno.test("a row that falls below the filter says so until the next arrangement, and none like it joins", () => {
  const view = { ...VIEW, minNetBps: 20 };
  const rows = new Rows([opportunity("A-USDT", 25), opportunity("B-USDT", 30)]);
  const first = arrange(rows.all, view, 0);
  rows.update(opportunity("B-USDT", 15, 2000));
  rows.update(opportunity("C-USDT", 15));
  const second = refresh(first, rows.all, view, false);
  assert.equal(symbols(second), "B-USDT A-USDT");
  assert.equal(second.fitting, 1);
  assert.deepEqual(second.rows.map(reasonOf), ["below_filter", undefined]);
  const third = refresh(second, rows.all, view, true);
  assert.equal(third.rows[0], second.rows[0], "what has not changed is not painted again");
  rows.update(opportunity("B-USDT", 22, 3000));
  assert.equal(reasonOf(refresh(third, rows.all, view, false).rows[0]!), undefined);
  rows.close({ ...opportunity("B-USDT", 3, 4000), closedAt: 4000, reason: "below_threshold" }, 4000);
  assert.equal(reasonOf(refresh(third, rows.all, view, false).rows[0]!), "below_threshold");
  assert.equal(symbols(arrange(rows.all, view, 1)), "A-USDT");
});

Deno.test("a closed row leaves when it has faded, but not from under the pointer", () => {
  const rows = new Rows([opportunity("A-USDT", 10), opportunity("B-USDT", 30)]);
  rows.close({ ...opportunity("B-USDT", 30), closedAt: 2000, reason: "below_threshold" }, 2000);
  const fading = refresh(arrange(rows.all, VIEW, 0), rows.all, VIEW, false);
  assert.equal(symbols(fading), "B-USDT A-USDT");
  assert.equal(fading.fitting, 1);
  rows.sweep(60_000);
  assert.equal(symbols(refresh(fading, rows.all, VIEW, true)), "B-USDT A-USDT");
  const left = refresh(fading, rows.all, VIEW, false);
  assert.equal(symbols(left), "A-USDT");
  assert.ok(left.turn > fading.turn, "the rows below change places");
});

Deno.test("the document holds a bounded number of rows, the count tells of all", () => {
  const many = Array.from({ length: MAX_SHOWN + 30 }, (_, at) => opportunity(`S${at}-USDT`, at));
  const rows = new Rows(many);
  const first = arrange(rows.all, VIEW, 0);
  assert.equal(first.rows.length, MAX_SHOWN);
  assert.equal(first.fitting, MAX_SHOWN + 30);
  assert.equal(refresh(first, rows.all, VIEW, false).rows.length, MAX_SHOWN);
});
