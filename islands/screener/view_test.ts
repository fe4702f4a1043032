import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import {
  comparisonOf,
  filterOf,
  isFiltered,
  linkOf,
  namesView,
  readView,
  unfiltered,
  writeView,
} from "./view.ts";

const read = (query: string) => readView(new URLSearchParams(query));

const ONE = {
  symbol: "BTC-USDT",
  buyExchange: "okx",
  sellExchange: "kraken",
  netBps: 12,
  profitQuote: 3,
  notionalQuote: 250,
} as Opportunity;

Deno.test("a view survives its address, and the plain view has an empty one", () => {
  for (
    const query of ["", "?symbol=btc&exchange=okx&minNetBps=7.5&sort=age", "?minNetBps=-3", "?sort=symbol"]
  ) {
    assert.equal(writeView(read(query)), query);
  }
});

Deno.test("what makes no sense in an address is left out", () => {
  assert.equal(writeView(read("?minNetBps=much&sort=-constructor&other=1")), "");
});

Deno.test("the sort button that was pressed beats the list", () => {
  assert.equal(read("?sort=-net&sort=profit").sort, "profit");
});

Deno.test("a symbol is found in any spelling and in part, a venue on either leg", () => {
  for (
    const query of [
      "symbol=btc",
      "symbol=BTC/usdt",
      "symbol=btcusdt",
      "exchange=kraken",
      "minNetBps=12",
      "minProfitQuote=3",
      "minNotionalQuote=250",
    ]
  ) {
    assert.equal(filterOf(read(query))(ONE), true, query);
  }
  for (
    const query of [
      "symbol=eth",
      "exchange=bybit",
      "minNetBps=12.1",
      "symbol=btc&exchange=bybit",
      "minProfitQuote=3.1",
      "minNotionalQuote=251",
    ]
  ) {
    assert.equal(filterOf(read(query))(ONE), false, query);
  }
});

Deno.test("equal rows have one order, whatever order they come in", () => {
  const compare = comparisonOf(read(""));
  const [a, b] = [ONE, { ...ONE, sellExchange: "bybit" }];
  assert.deepEqual([a, b].sort(compare), [b, a].sort(compare));
  assert.ok(compare({ ...ONE, netBps: 20 }, ONE) < 0, "best first");
});

Deno.test("an address names a view or is bare, and a link never is bare", () => {
  const names = (query: string) => namesView(new URLSearchParams(query));
  assert.deepEqual(["", "?other=1", "?symbol=", "?columns=net"].map(names), [false, false, true, true]);
  assert.equal(linkOf(read("")), "/?sort=-net");
  assert.equal(writeView(read(linkOf(read("")).slice(1))), "");
  assert.equal(linkOf(read("?minProfitQuote=2")), "/?minProfitQuote=2");
});

Deno.test("without its filter a view keeps its order and its columns", () => {
  const view = read("?symbol=btc&minNetBps=1&minProfitQuote=1&minNotionalQuote=1&sort=age&columns=net");
  assert.equal(isFiltered(view), true);
  assert.equal(isFiltered(unfiltered(view)), false);
  assert.equal(writeView(unfiltered(view)), "?sort=age&columns=net");
});
