/**
 * Workers that do what a test tells them, in this thread: for what needs a clock that stands still. Channels and
 * telemetry are real.
 */
import { ChannelWriter, type Tick } from "../../core/app/channel.ts";
import { LadderWriter } from "../../core/app/ladders.ts";
import { FeedState, type Telemetry, telemetryOn } from "../../core/app/telemetry.ts";
import { type PoolQuote, topOf } from "../../core/domain/pool.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { RunningWorker, WorkerEvents, WorkerHost, WorkerSpec } from "../../core/ports/workers.ts";

export class ScriptedWorker implements RunningWorker {
  readonly telemetry: Telemetry;
  readonly #writer: ChannelWriter;
  stops = 0;
  terminations = 0;
  over = false;

  constructor(
    readonly spec: WorkerSpec,
    readonly events: WorkerEvents,
    /** Whether it ends when it is asked to. */
    private readonly obeys: boolean,
  ) {
    this.telemetry = telemetryOn(spec.telemetry);
    this.#writer = new ChannelWriter(spec.channel);
  }

  /** Connected, with a sign of life. */
  ready(): void {
    this.events.ready();
    this.telemetry.feedState = FeedState.connected;
    this.telemetry.heartbeat++;
  }

  write(tick: Partial<Tick> & { cell: number }): void {
    this.#writer.write(tickOf(tick));
  }

  /** A pool as its worker does it: ladders first, then the row. */
  quotePool(cell: number, pool: PoolQuote, state: QuoteState = QuoteState.fresh): void {
    new LadderWriter(this.spec.ladders!).publish(cell, pool);
    const top = topOf(pool);
    this.write({ cell, state, ...top, price: (top.bid + top.ask) / 2, exchangeTime: pool.blockTime });
  }

  end(error?: string): void {
    this.over = true;
    this.events.ended(error);
  }

  stop(): void {
    this.stops++;
    if (this.obeys) queueMicrotask(() => this.over || this.end());
  }

  /** As the host of real workers does: it counts as ended, whether it did or not. */
  terminate(): void {
    this.terminations++;
    if (!this.over) this.end();
  }
}

export class ScriptedHost implements WorkerHost {
  readonly workers: ScriptedWorker[] = [];

  constructor(public obedient = true) {}

  get last(): ScriptedWorker {
    return this.workers.at(-1)!;
  }

  /** Workers that were started and have not ended. */
  get live(): ScriptedWorker[] {
    return this.workers.filter((worker) => !worker.over);
  }

  start(spec: WorkerSpec, events: WorkerEvents): RunningWorker {
    const worker = new ScriptedWorker(spec, events, this.obedient);
    this.workers.push(worker);
    return worker;
  }
}

/** A fresh quote of 99 to 101, one unit a side, except for what is given. */
export function tickOf(tick: Partial<Tick> & { cell: number }): Tick {
  return {
    state: 1,
    bid: 99,
    bidSize: 1,
    ask: 101,
    askSize: 1,
    price: NaN,
    exchangeTime: NaN,
    receivedTime: 1,
    ticks: 1,
    ...tick,
  };
}
