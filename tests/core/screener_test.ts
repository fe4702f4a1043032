/** The screener against an oracle that shares no code with it, on random sequences of changes. */
import assert from "node:assert/strict";
import fc from "../tools/fast_check.ts";
import type { CloseReason, Opportunity, OpportunityEvent } from "../../core/domain/opportunity.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { Row } from "../../core/app/channel.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { Oracle, type OracleOpportunity, type OracleQuote } from "./screener_oracle.ts";
import { runs, seed } from "./seed.ts";

const SYMBOLS = ["A-B", "C-D"];

type Step =
  | { kind: "tick"; exchange: number; symbol: number; quote: OracleQuote; take: boolean }
  | { kind: "withdraw"; exchange: number; reason: CloseReason; take: boolean };

/** Around 100, in steps of a basis point, often enough at the same price; now and then nothing. */
const price = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 9_950, max: 10_050 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 0) },
);
const state: fc.Arbitrary<QuoteState> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(QuoteState.fresh) },
  { weight: 1, arbitrary: fc.constantFrom(QuoteState.stale, QuoteState.withdrawn) },
);
const quote: fc.Arbitrary<OracleQuote> = fc.record({
  state,
  bid: price,
  bidSize: size,
  ask: price,
  askSize: size,
});

const scene = fc.integer({ min: 2, max: 4 }).chain((exchanges) => {
  const exchange = fc.integer({ min: 0, max: exchanges - 1 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant("tick" as const),
        exchange,
        symbol: fc.integer({ min: 0, max: SYMBOLS.length - 1 }),
        quote,
        take: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("withdraw" as const),
        exchange,
        reason: fc.constantFrom<CloseReason>("worker_down", "mode_switch", "shutdown"),
        take: fc.boolean(),
      }),
    },
  );
  return fc.record({
    exchanges: fc.constant(exchanges),
    fees: fc.array(fc.integer({ min: -5, max: 40 }), { minLength: exchanges, maxLength: exchanges }),
    minNetBps: fc.constantFrom(-20, 0, 5, 12.5),
    hysteresisBps: fc.constantFrom(0, 2, 30),
    steps: fc.array(step, { maxLength: 80, size: "max" }),
  });
});

Deno.test("screener agrees with a plain recomputation after every change", () => {
  let opened = 0;
  const closed: Record<string, number> = {};
  fc.assert(
    fc.property(scene, ({ exchanges, fees, minNetBps, hysteresisBps, steps }) => {
      const names = ["p", "q", "r", "s"].slice(0, exchanges);
      const table = new QuoteTable(names, SYMBOLS);
      const screener = new Screener(table, { minNetBps, hysteresisBps, takerFeeBps: fees }, "run");
      const oracle = new Oracle({ exchanges, symbols: SYMBOLS.length, fees, minNetBps, hysteresisBps });
      const reader = new Replay();
      const pending = { closed: [] as string[], changed: new Set<string>() };

      for (const [at, step] of steps.entries()) {
        const now = 1_000 + at;
        const expected = step.kind === "tick"
          ? oracle.tick(step.exchange, step.symbol, step.quote, now)
          : oracle.withdraw(step.exchange, step.reason, now);
        fc.pre(!oracle.ambiguous);
        if (step.kind === "tick") {
          const cell = table.take(rowOf(table.cell(step.exchange, step.symbol), step.quote), 0);
          screener.changed(cell, now);
        } else {
          screener.withdraw(table.cell(step.exchange, 0), SYMBOLS.length, step.reason, now);
        }

        compareOpen(screener.episodes.list(), oracle.open, names);
        for (const { route, reason, last } of expected.closed) {
          pending.closed.push(`${nameOf(route, names)} ${reason} at ${now}, opened at ${last.openedAt}`);
          pending.changed.delete(nameOf(route, names));
          closed[reason] = (closed[reason] ?? 0) + 1;
        }
        for (const route of expected.changed) pending.changed.add(nameOf(route, names));
        if (!step.take && at + 1 < steps.length) continue;

        const events = screener.episodes.take();
        reader.apply(events);
        compareEvents(events, pending);
        pending.closed = [];
        pending.changed.clear();
        assert.deepEqual(
          reader.openById(),
          byId(screener.episodes.list()),
          "replayed events lead to the open ones",
        );
        assert.equal(screener.episodes.sequence, reader.sequence);
      }
      opened += screener.episodes.counts.opened;
    }),
    { seed, numRuns: runs(1_500) },
  );
  // A property over sequences in which nothing happens would hold, too.
  assert.ok(opened > 1_000, `only ${opened} opened`);
  for (const reason of ["below_threshold", "leg_stale", "leg_withdrawn", "size_unknown", "worker_down"]) {
    assert.ok((closed[reason] ?? 0) > 10, `only ${closed[reason]} closed as ${reason}`);
  }
});

/** A reader that knows nothing but the events. */
class Replay {
  readonly #open = new Map<string, Opportunity>();
  sequence = 0;

  apply(events: readonly OpportunityEvent[]): void {
    for (const event of events) {
      assert.equal(event.sequence, ++this.sequence, "sequence numbers grow by one");
      if (event.kind === "opportunity") this.#open.set(event.opportunity.id, event.opportunity);
      else {
        const { closedAt: _, reason: __, ...last } = event.opportunity;
        assert.deepEqual(this.#open.get(last.id), last, "what closes is what was last told");
        this.#open.delete(last.id);
      }
    }
  }

  openById(): Opportunity[] {
    return byId([...this.#open.values()]);
  }
}

function compareOpen(actual: Opportunity[], expected: Map<string, OracleOpportunity>, names: string[]): void {
  const found = new Map(actual.map((one) => [`${one.symbol} ${one.buyExchange}>${one.sellExchange}`, one]));
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].map((key) => nameOf(key, names)).sort());
  for (const [route, { symbol, buyer, seller, ...figures }] of expected) {
    const one = found.get(nameOf(route, names))!;
    assert.deepEqual([one.symbol, one.buyExchange, one.sellExchange], [
      SYMBOLS[symbol],
      names[buyer],
      names[seller],
    ]);
    for (const [name, value] of Object.entries(figures)) {
      const actual = one[name as keyof typeof figures];
      // A profit is a small difference of large numbers; all else is exact to the last digits.
      const scale = name === "profitQuote" ? figures.notionalQuote : Math.abs(value);
      assert.ok(
        Math.abs(actual - value) <= 1e-9 * Math.max(1, scale),
        `${route} ${name}: ${actual}, not ${value}`,
      );
    }
  }
}

/** Every closing once, with its reason; every other change once per taking, with what closed in between told before. */
function compareEvents(
  events: readonly OpportunityEvent[],
  pending: { closed: string[]; changed: Set<string> },
): void {
  const closings: string[] = [];
  const changes: string[] = [];
  const told = new Set<string>();
  for (const { kind, opportunity } of events) {
    const route = `${opportunity.symbol} ${opportunity.buyExchange}>${opportunity.sellExchange}`;
    if (kind === "closed") {
      const { reason, closedAt, openedAt } = opportunity;
      closings.push(`${route} ${reason} at ${closedAt}, opened at ${openedAt}`);
    } else {
      assert.ok(!told.has(opportunity.id), "an opportunity is told of once per taking");
      told.add(opportunity.id);
      changes.push(route);
    }
  }
  assert.deepEqual(closings.sort(), pending.closed.sort());
  const closedIds = new Set(events.filter((one) => one.kind === "closed").map((one) => one.opportunity.id));
  const stillOpen = events.filter((one) => one.kind === "opportunity" && !closedIds.has(one.opportunity.id));
  const routes = stillOpen.map(({ opportunity: one }) =>
    `${one.symbol} ${one.buyExchange}>${one.sellExchange}`
  );
  assert.deepEqual(routes.sort(), [...pending.changed].sort());
}

function byId(opportunities: Opportunity[]): Opportunity[] {
  return opportunities.map((one) => ({ ...one })).sort((a, b) => a.id < b.id ? -1 : 1);
}

function nameOf(route: string, names: string[]): string {
  const [symbol, buyer, seller] = route.split(" ").map(Number);
  return `${SYMBOLS[symbol!]} ${names[buyer!]}>${names[seller!]}`;
}

function rowOf(cell: number, quote: OracleQuote): Float64Array {
  const words = new Float64Array(Row.WORDS).fill(NaN);
  words[Row.cell] = cell;
  words[Row.state] = quote.state;
  for (const name of ["bid", "bidSize", "ask", "askSize"] as const) {
    words[Row[name]] = (quote[name] ?? NaN) / 100;
  }
  words[Row.receivedTime] = 1;
  words[Row.ticks] = 1;
  return words;
}
