import assert from "node:assert/strict";
import type { OpportunityEvent } from "../domain/opportunity.ts";
import { QuoteState } from "../domain/quote.ts";
import { QuoteTable } from "./quote_table.ts";
import { Screener } from "./screener.ts";

interface Change {
  bid?: number;
  bidSize?: number;
  ask?: number;
  askSize?: number;
  state?: QuoteState;
}

/** Opens at 10 bps net, closes below 8, no fees unless given. */
function bench(fees = [0, 0, 0], minNetBps = 10, hysteresisBps = 2) {
  const table = new QuoteTable(fees.map((_, id) => "abcd"[id]!), ["A-B", "C-D"]);
  const screener = new Screener(table, { minNetBps, hysteresisBps, takerFeeBps: fees }, "run");
  let now = 1000;
  const quote = (exchange: number, change: Change, symbol = 0): string[] => {
    const cell = table.cell(exchange, symbol);
    const { bid = 100, bidSize = 1, ask = 100.01, askSize = 1, state = QuoteState.fresh } = change;
    table.bid[cell] = bid;
    table.bidSize[cell] = bidSize;
    table.ask[cell] = ask;
    table.askSize[cell] = askSize;
    table.state[cell] = state;
    screener.changed(cell, ++now);
    return brief(screener.episodes.take());
  };
  const withdraw = (exchange: number, reason: "worker_down" | "mode_switch" = "worker_down"): string[] => {
    screener.withdraw(table.cell(exchange, 0), 2, reason, ++now);
    return brief(screener.episodes.take());
  };
  const open = () => screener.episodes.list().map((one) => `${one.buyExchange}>${one.sellExchange}`).sort();
  return { table, screener, quote, withdraw, open };
}

function brief(events: readonly OpportunityEvent[]): string[] {
  return events.map(({ kind, opportunity }) => {
    const route = `${opportunity.symbol} ${opportunity.buyExchange}>${opportunity.sellExchange}`;
    return kind === "closed" ? `closed ${route} ${opportunity.reason}` : `${kind} ${route}`;
  });
}

Deno.test("figures of an opportunity, by hand", () => {
  const { screener, quote } = bench([10, 40]);
  // Bought at a: 2 at 100.00, 10 bps. Sold at b: 0.5 at 101.00, 40 bps.
  quote(0, { bid: 99.9, ask: 100, askSize: 2 });
  quote(1, { bid: 101, bidSize: 0.5, ask: 101.1 });
  const [one] = screener.episodes.list();
  const { grossBps, netBps, feesQuote, profitQuote, ...rest } = one!;
  assert.deepEqual(rest, {
    id: "run-1",
    symbol: "A-B",
    buyExchange: "a",
    sellExchange: "b",
    buyPrice: 100,
    sellPrice: 101,
    sizeBase: 0.5,
    notionalQuote: 50,
    impactQuote: 0,
    gasQuote: 0,
    openedAt: 1002,
    updatedAt: 1002,
  });
  // 101 × 0.996 = 100.596 comes back for 100 × 1.001 = 100.1: 0.496 a unit, 0.248 for half of one.
  assert.ok(Math.abs(grossBps - 100) < 1e-9);
  assert.ok(Math.abs(netBps - 49.55044955044955) < 1e-9);
  assert.ok(Math.abs(profitQuote - 0.248) < 1e-12);
  // 10 bps of 50 and 40 bps of 50.5.
  assert.ok(Math.abs(feesQuote - 0.252) < 1e-12);
});

Deno.test("edge that fees eat is no opportunity", () => {
  const { quote } = bench([10, 40]);
  quote(0, { bid: 99.9, ask: 100 });
  // 50 bps gross, about −0.05 bps net.
  assert.deepEqual(quote(1, { bid: 100.5, ask: 100.6 }), []);
});

Deno.test("opportunity opens at the threshold and closes only below it by the hysteresis", () => {
  const { quote, open } = bench();
  quote(0, { ask: 100 });
  assert.deepEqual(quote(1, { bid: 100.09, ask: 101 }), []);
  assert.deepEqual(quote(1, { bid: 100.1001, ask: 101 }), ["opportunity A-B a>b"]);
  assert.deepEqual(quote(1, { bid: 100.0801, ask: 101 }), ["opportunity A-B a>b"]);
  assert.deepEqual(open(), ["a>b"]);
  assert.deepEqual(quote(1, { bid: 100.0799, ask: 101 }), ["closed A-B a>b below_threshold"]);
  assert.deepEqual(quote(1, { bid: 100.0801, ask: 101 }), []);
});

Deno.test("without hysteresis it closes at the same edge at which it opens", () => {
  const { quote } = bench([0, 0], 10, 0);
  quote(0, { ask: 100 });
  assert.deepEqual(quote(1, { bid: 100.1001, ask: 101 }), ["opportunity A-B a>b"]);
  assert.deepEqual(quote(1, { bid: 100.0999, ask: 101 }), ["closed A-B a>b below_threshold"]);
});

Deno.test("crossed book of one venue is no route", () => {
  const { quote } = bench();
  assert.deepEqual(quote(0, { bid: 110, ask: 100 }), []);
  assert.deepEqual(quote(1, { bid: 90, ask: 120 }), []);
});

Deno.test("every pair of venues is a route of its own", () => {
  const { quote, open } = bench([0, 0, 0, 0]);
  quote(0, { bid: 99, ask: 100 });
  quote(1, { bid: 99, ask: 100.01 });
  quote(2, { bid: 101, ask: 102 });
  quote(3, { bid: 101.5, ask: 102 });
  assert.deepEqual(open(), ["a>c", "a>d", "b>c", "b>d"]);
  // The best ask leaves: what does not rest on it stays.
  quote(0, { state: QuoteState.stale });
  assert.deepEqual(open(), ["b>c", "b>d"]);
});

Deno.test("each way to lose a leg has its reason", () => {
  const lost: [Change, string][] = [
    [{ bid: 101, state: QuoteState.stale }, "leg_stale"],
    [{ bid: 101, state: QuoteState.withdrawn }, "leg_withdrawn"],
    [{ bid: NaN, bidSize: NaN }, "leg_withdrawn"],
    [{ bid: NaN }, "leg_withdrawn"],
    [{ bid: 101, bidSize: NaN }, "size_unknown"],
    [{ bid: 101, bidSize: 0 }, "size_unknown"],
    [{ bid: 100 }, "below_threshold"],
  ];
  for (const [change, reason] of lost) {
    const { quote, open } = bench();
    quote(0, { ask: 100 });
    quote(1, { bid: 101, ask: 102 });
    assert.deepEqual(quote(1, { ask: 102, ...change }), [`closed A-B a>b ${reason}`]);
    assert.deepEqual(open(), []);
  }
});

Deno.test("stale leg comes back: the opportunity opens again as another one", () => {
  const { quote, screener } = bench();
  quote(0, { ask: 100 });
  quote(1, { bid: 101, ask: 102 });
  quote(0, { ask: 100, state: QuoteState.stale });
  assert.deepEqual(quote(0, { ask: 100 }), ["opportunity A-B a>b"]);
  assert.equal(screener.episodes.list()[0]!.id, "run-2");
});

Deno.test("spread without a size is refused and counted, and opens when the size comes", () => {
  const { quote, screener } = bench();
  quote(0, { ask: 100, askSize: NaN });
  assert.deepEqual(quote(1, { bid: 101, ask: 102 }), []);
  assert.equal(screener.refused.size_unknown, 1);
  assert.deepEqual(quote(0, { ask: 100, askSize: 3 }), ["opportunity A-B a>b"]);
});

Deno.test("price of zero never opens anything, though nothing divided by zero is infinitely good", () => {
  const { quote, open } = bench();
  quote(0, { bid: 90, ask: 100 });
  quote(1, { bid: 101, ask: 102 });
  assert.deepEqual(open(), ["a>b"]);
  quote(2, { bid: NaN, ask: 0 });
  assert.deepEqual(open(), ["a>b"]);
});

Deno.test("size changes alone are told, the same quote again is not", () => {
  const { quote } = bench();
  quote(0, { ask: 100 });
  quote(1, { bid: 101, ask: 102 });
  assert.deepEqual(quote(1, { bid: 101, bidSize: 0.3, ask: 102 }), ["opportunity A-B a>b"]);
  assert.deepEqual(quote(1, { bid: 101, bidSize: 0.3, ask: 102 }), []);
  // Deeper than the other leg: the size that both can fill stays.
  assert.deepEqual(quote(0, { ask: 100, askSize: 7 }), []);
});

Deno.test("withdrawing a venue closes what rests on it, with the reason given, and leaves the rest alone", () => {
  const { quote, withdraw, open, table } = bench();
  quote(0, { ask: 100 });
  quote(1, { bid: 101, ask: 102 });
  quote(2, { bid: 102, ask: 103 });
  quote(0, { ask: 100 }, 1);
  quote(2, { bid: 102, ask: 103 }, 1);
  assert.deepEqual(open(), ["a>b", "a>c", "a>c"]);
  // c holds the best bid of both symbols.
  assert.deepEqual(withdraw(2).sort(), ["closed A-B a>c worker_down", "closed C-D a>c worker_down"]);
  assert.deepEqual(open(), ["a>b"]);
  assert.equal(table.quote(table.cell(2, 0)), undefined);
  assert.deepEqual(withdraw(2), []);
  assert.deepEqual(withdraw(0, "mode_switch"), ["closed A-B a>b mode_switch"]);
});

Deno.test("negative threshold shows routes that lose", () => {
  const { quote } = bench([0, 0], -50, 10);
  quote(0, { ask: 100 });
  assert.deepEqual(quote(1, { bid: 99.9, ask: 100.2 }).sort(), [
    "opportunity A-B a>b",
    "opportunity A-B b>a",
  ]);
  assert.deepEqual(quote(1, { bid: 99.45, ask: 100.2 }), ["opportunity A-B a>b"]);
  assert.deepEqual(quote(1, { bid: 99.39, ask: 100.2 }), ["closed A-B a>b below_threshold"]);
});

Deno.test("edge of exactly the threshold opens, though it computes to a little less", () => {
  const { quote } = bench([0, 0, 0], 5, 0);
  quote(0, { bid: 99.99, ask: 100 });
  assert.ok((100.05 / 100 - 1) * 10_000 < 5);
  assert.deepEqual(quote(1, { bid: 100.05, ask: 100.06 }), ["opportunity A-B a>b"]);
});

Deno.test("spread that rests on a leg that went stale is counted as refused", () => {
  const { screener, quote } = bench();
  quote(0, { bid: 99.9, ask: 100 });
  quote(1, { bid: 101, ask: 101.1, state: QuoteState.stale });
  assert.equal(screener.refused.leg_stale, 1);
});

Deno.test("what closes with a leg that went stale is no refusal where its price would not open it anyway", () => {
  const { screener, quote } = bench();
  quote(0, { bid: 99.9, ask: 100 });
  quote(1, { bid: 101, ask: 101.1 });
  assert.deepEqual(quote(1, { bid: 100, ask: 101.1, state: QuoteState.stale }), ["closed A-B a>b leg_stale"]);
  assert.equal(screener.refused.leg_stale, 0);
});
