/** A venue of the made-up market, step by step in real time. */
import { FeedState } from "../../../core/app/telemetry.ts";
import type { Feed, FeedContext } from "../_base/feed.ts";
import type { TopOfBook } from "../_base/quotes.ts";
import { SyntheticMarket } from "./market.ts";

/** After a pause (a busy machine) at most this many steps are made up for; the ones before are skipped. */
const MAX_STEPS_AT_ONCE = 100;
/** Bytes of a cell in telemetry: what the numbers of one quote take. */
const QUOTE_BYTES = 40;

export class SyntheticFeed implements Feed {
  readonly #context: FeedContext;
  readonly #market: SyntheticMarket;
  readonly #stepsPerSecond: number;
  readonly #startTime: number;
  readonly #top: TopOfBook = { bid: NaN, bidSize: NaN, ask: NaN, askSize: NaN, exchangeTime: NaN };
  #step: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(context: FeedContext) {
    const { test, symbols, exchanges } = context.spec;
    if (test === undefined) throw new Error("A synthetic feed needs the settings of the test market");
    this.#context = context;
    this.#market = new SyntheticMarket(test.seed, symbols, exchanges.map(({ id }) => id));
    this.#stepsPerSecond = test.stepsPerSecond;
    this.#startTime = test.startTime;
    this.#step = this.#stepAt(context.now()) - 1;
  }

  start(): void {
    const { telemetry, spec } = this.#context;
    telemetry.feedState = FeedState.connected;
    telemetry.instruments = spec.symbols.length * spec.exchanges.length;
    this.#run();
  }

  tick(): void {}

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Makes the steps that are due, and comes back for the next. */
  #run(): void {
    const due = this.#stepAt(this.#context.now());
    for (let n = Math.max(this.#step + 1, due - MAX_STEPS_AT_ONCE + 1); n <= due && !this.#stopped; n++) {
      this.#quote(n);
    }
    if (this.#stopped) return;
    this.#step = Math.max(this.#step, due);
    const nextAt = this.#timeOf(due + 1);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, nextAt - this.#context.now()));
  }

  #quote(n: number): void {
    const { quotes, arrivals, spec, now: clock } = this.#context;
    const market = this.#market;
    const changed = market.step(n);
    const now = clock();
    arrivals.count(changed.length * QUOTE_BYTES, now);
    for (const cell of changed) {
      const exchange = Math.floor(cell / spec.symbols.length);
      this.#top.bid = market.bid[cell]!;
      this.#top.bidSize = market.bidSize[cell]!;
      this.#top.ask = market.ask[cell]!;
      this.#top.askSize = market.askSize[cell]!;
      this.#top.exchangeTime = this.#timeOf(n);
      quotes.top(spec.exchanges[exchange]!.firstCell + cell % spec.symbols.length, this.#top, now);
    }
  }

  /** The step of a moment; none before the first. */
  #stepAt(now: number): number {
    return Math.max(0, Math.floor((now - this.#startTime) / 1000 * this.#stepsPerSecond));
  }

  #timeOf(step: number): number {
    return this.#startTime + step * 1000 / this.#stepsPerSecond;
  }
}
