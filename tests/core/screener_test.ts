/** The screener against an oracle that shares no code with it, on random sequences of changes. */
import assert from "node:assert/strict";
import fc from "../tools/fast_check.ts";
import type { CloseReason, Opportunity, OpportunityEvent } from "../../core/domain/opportunity.ts";
import type { PoolQuote } from "../../core/domain/pool.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { Row } from "../../core/app/channel.ts";
import { LadderReader, LadderWriter, newLadders } from "../../core/app/ladders.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { aPool } from "./pools.ts";
import { Oracle, type OracleOpportunity, type OraclePool, type OracleQuote } from "./screener_oracle.ts";
import { runs, seed } from "./seed.ts";

/** N is what gas is paid in: the second symbol needs the first to know what it costs, the third needs nothing. */
const SYMBOLS = ["N-B", "C-B", "C-N"];

type Step =
  | { kind: "tick"; exchange: number; symbol: number; quote: OracleQuote; pool: OracleQuote; take: boolean }
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

/** From 100 or so on, each step worse than the one before. */
const steps = (sign: 1 | -1): fc.Arbitrary<OraclePool["buy"]> =>
  fc.tuple(
    fc.integer({ min: 9_950, max: 10_050 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 200 })), {
      minLength: 1,
      maxLength: 6,
    }),
  ).map(([from, steps]) => {
    let price = from;
    return steps.map(([worse, size]) => [price += sign * worse, size] as const);
  });
const poolQuote: fc.Arbitrary<OracleQuote> = fc.record({
  state,
  pool: fc.record({
    mid: fc.integer({ min: 9_950, max: 10_050 }),
    feePpm: fc.constantFrom(0, 500, 3_000),
    gas: fc.oneof(
      { weight: 10, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    buy: steps(1),
    sell: steps(-1),
  }),
}).map(({ state, pool }) => {
  const [[bid, bidSize], [ask, askSize]] = [pool.sell[0]!, pool.buy[0]!];
  return { state, bid, bidSize, ask, askSize, pool };
});

/** Which of the exchanges are venues of pools, and what is asked of a route. */
interface Kind {
  isPool: fc.Arbitrary<boolean>;
  minNetBps: number[];
  hysteresisBps: number[];
}

const sceneOf = ({ isPool, minNetBps, hysteresisBps }: Kind) =>
  fc.integer({ min: 2, max: 4 }).chain((exchanges) => {
    const exchange = fc.integer({ min: 0, max: exchanges - 1 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({
          kind: fc.constant("tick" as const),
          exchange,
          symbol: fc.integer({ min: 0, max: SYMBOLS.length - 1 }),
          quote,
          pool: poolQuote,
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
    const each = { minLength: exchanges, maxLength: exchanges };
    return fc.record({
      fees: fc.array(fc.integer({ min: -5, max: 40 }), each),
      pools: fc.array(isPool, each),
      minNetBps: fc.constantFrom(...minNetBps),
      hysteresisBps: fc.constantFrom(...hysteresisBps),
      steps: fc.array(step, { maxLength: 80, size: "max" }),
    });
  });

Deno.test("screener agrees with a plain recomputation after every change", () => {
  const scene = sceneOf({
    isPool: fc.constant(false),
    minNetBps: [-20, 0, 5, 12.5],
    hysteresisBps: [0, 2, 30],
  });
  const { opened, closed } = agreement(scene, runs(1_500));
  // A property over sequences in which nothing happens would hold, too.
  assert.ok(opened > 1_000, `only ${opened} opened`);
  for (const reason of ["below_threshold", "leg_stale", "leg_withdrawn", "size_unknown", "worker_down"]) {
    assert.ok((closed[reason] ?? 0) > 10, `only ${closed[reason]} closed as ${reason}`);
  }
});

Deno.test("screener agrees with a search over sizes where books and pools meet, and pools pay gas", () => {
  const scene = sceneOf({ isPool: fc.boolean(), minNetBps: [2, 5, 12.5], hysteresisBps: [0, 2] });
  const { opened, closed, withGas } = agreement(scene, runs(1_000));
  assert.ok(opened > 500 && withGas > 200, `only ${opened} opened, ${withGas} of them with gas`);
  for (const reason of ["below_threshold", "leg_stale", "leg_withdrawn", "gas_unknown", "worker_down"]) {
    assert.ok((closed[reason] ?? 0) > 10, `only ${closed[reason]} closed as ${reason}`);
  }
});

type Scene = ReturnType<typeof sceneOf> extends fc.Arbitrary<infer T> ? T : never;

function agreement(scene: fc.Arbitrary<Scene>, numRuns: number) {
  let opened = 0;
  let withGas = 0;
  const closed: Record<string, number> = {};
  fc.assert(
    fc.property(scene, ({ fees: given, pools, minNetBps, hysteresisBps, steps }) => {
      const fees = given.map((fee, exchange) => pools[exchange] ? 0 : fee);
      const names = ["p", "q", "r", "s"].slice(0, fees.length);
      const table = new QuoteTable(names, SYMBOLS);
      const nativeAssets = pools.map((isPool) => isPool ? "N" : undefined);
      const settings = { minNetBps, hysteresisBps, takerFeeBps: fees, nativeAssets };
      const screener = new Screener(table, settings, "run");
      const writers = pools.map((isPool, exchange) => {
        if (!isPool) return undefined;
        const memory = newLadders({ firstCell: table.cell(exchange, 0), cells: SYMBOLS.length });
        table.attach(new LadderReader(memory));
        return new LadderWriter(memory);
      });
      const oracle = new Oracle({
        exchanges: fees.length,
        symbols: SYMBOLS,
        fees,
        minNetBps,
        hysteresisBps,
        nativeAsset: "N",
      });
      const reader = new Replay();
      const pending = { closed: [] as string[], changed: new Set<string>() };

      for (const [at, step] of steps.entries()) {
        const now = 1_000 + at;
        const quote = step.kind !== "tick" ? undefined : pools[step.exchange] ? step.pool : step.quote;
        const expected = step.kind === "tick"
          ? oracle.tick(step.exchange, step.symbol, quote!, now)
          : oracle.withdraw(step.exchange, step.reason, now);
        fc.pre(!oracle.ambiguous);
        if (step.kind === "tick") {
          const cell = table.cell(step.exchange, step.symbol);
          writers[step.exchange]?.publish(cell, ladderOf(quote!.pool!));
          screener.changed(table.take(rowOf(cell, quote!), 0), now);
        } else {
          screener.withdraw(table.cell(step.exchange, 0), SYMBOLS.length, step.reason, now);
        }

        compareOpen(screener.episodes.list(), oracle.open, names, pools);
        withGas += screener.episodes.list().filter((one) => one.gasQuote > 0 && one.openedAt === now).length;
        for (const { route, reason, last } of expected.closed) {
          pending.closed.push(`${nameOf(route, names)} ${reason} at ${now}, opened at ${last.openedAt}`);
          pending.changed.delete(nameOf(route, names));
          closed[reason] = (closed[reason] ?? 0) + 1;
        }
        for (const route of expected.changed) pending.changed.add(nameOf(route, names));
        if (!step.take && at + 1 < steps.length) continue;

        const events = screener.episodes.take();
        reader.apply(events);
        compareEvents(events, pending, pools.includes(true));
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
    { seed, numRuns },
  );
  return { opened, closed, withGas };
}

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

function compareOpen(
  actual: Opportunity[],
  expected: Map<string, OracleOpportunity>,
  names: string[],
  pools: boolean[],
): void {
  const found = new Map(actual.map((one) => [`${one.symbol} ${one.buyExchange}>${one.sellExchange}`, one]));
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].map((key) => nameOf(key, names)).sort());
  for (const [route, { symbol, buyer, seller, ...figures }] of expected) {
    const one = found.get(nameOf(route, names))!;
    assert.deepEqual([one.symbol, one.buyExchange, one.sellExchange], [
      SYMBOLS[symbol],
      names[buyer],
      names[seller],
    ]);
    if (!pools[buyer] && !pools[seller]) {
      assert.equal(one.impactQuote, 0, "books have none, not even of rounding");
    }
    for (const [name, value] of Object.entries(figures)) {
      const actual = one[name as keyof typeof figures];
      // A profit is a small difference of large numbers; all else is exact to the last digits. Of pools it is
      // as exact as a size can be found at which an edge that hardly falls any more is the threshold.
      const scale = name === "profitQuote" ? figures.notionalQuote : Math.abs(value);
      const tolerance = pools[buyer] || pools[seller] ? 1e-6 : 1e-9;
      assert.ok(
        Math.abs(actual - value) <= tolerance * Math.max(1, scale),
        `${route} ${name}: ${actual}, not ${value}`,
      );
    }
  }
}

/**
 * Every closing once, with its reason; every other change once per taking, with what closed in between told
 * before. With pools a change may be told that is one of the last digits only.
 */
function compareEvents(
  events: readonly OpportunityEvent[],
  pending: { closed: string[]; changed: Set<string> },
  pools: boolean,
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
  const untold = pending.changed.difference(new Set(routes));
  assert.deepEqual([...untold], [], "every change is told");
  if (!pools) assert.equal(routes.length, pending.changed.size, "nothing else is told");
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
  if (quote.bid !== null && quote.ask !== null) words[Row.price] = (quote.bid + quote.ask) / 200;
  words[Row.receivedTime] = 1;
  words[Row.ticks] = 1;
  return words;
}

function ladderOf({ mid, feePpm, gas, buy, sell }: OraclePool): PoolQuote {
  const ladder = (steps: OraclePool["buy"]) => ({
    prices: steps.map(([price]) => price / 100),
    sizes: steps.map(([, size]) => size / 100),
    length: steps.length,
  });
  return aPool({
    mid: mid / 100,
    feePpm,
    gasNative: (gas ?? NaN) / 1e5,
    buy: ladder(buy),
    sell: ladder(sell),
  });
}
