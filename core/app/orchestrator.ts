/**
 * Fan-in: reads the channels of all workers, brings the quote table and the screener up to date and publishes what
 * happened. One loop, one direction; it sleeps on one shared wake-up and never polls.
 */
import type { CloseReason, FinishedOpportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Clock } from "../ports/clock.ts";
import type { QuoteTable } from "../screener/quote_table.ts";
import type { Screener } from "../screener/screener.ts";
import { type ChannelMemory, ChannelReader, newWake, Row, WakeUp } from "./channel.ts";
import type { LadderReader } from "./ladders.ts";

/** Rows that are read from one channel before the next has its turn. */
const ROWS_PER_TURN = 2048;
/**
 * A wake-up costs both threads more than a row. Where rows come densely, this many within `REST_MS`, the core rests
 * between two readings, and no worker has to wake it.
 */
const DENSE_ROWS = 8;
const REST_MS = 1;

export type Listener = (events: readonly OpportunityEvent[]) => void;

/** What is told of the way of the data besides events. Must not throw. */
export interface Observer {
  /** Each row that was read; only valid during the call. */
  row?(words: Float64Array, at: number): void;
  finished?(opportunities: readonly FinishedOpportunity[]): void;
}

/** A channel that is being read. */
export interface Attachment {
  readonly depth: number;
  /** Stops reading; rows that still wait in the channel are dropped. */
  detach(): void;
}

export class Orchestrator {
  /** Shared by all channels. */
  readonly wake = newWake();
  readonly #wakeUp = new WakeUp(this.wake);
  readonly #readers = new Set<ChannelReader>();
  readonly #listeners = new Set<Listener>();
  readonly #table: QuoteTable;
  readonly #screener: Screener;
  readonly #clock: Clock;
  readonly #observer: Observer;
  #running: Promise<void> | undefined;
  #stopping = false;
  /** Rows read, and the ticks they stood for. */
  rows = 0;
  ticks = 0;
  /** Readings that found rows, and the time they took until their events were handed over, ms. */
  rounds = 0;
  evaluationMs = 0;

  constructor(table: QuoteTable, screener: Screener, clock: Clock, observer: Observer = {}) {
    this.#table = table;
    this.#screener = screener;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** `ladders`: of the same worker, where it is one of pools; they are read as long as its channel is. */
  attach(memory: ChannelMemory, ladders?: LadderReader): Attachment {
    const reader = new ChannelReader(memory);
    const detachLadders = ladders === undefined ? () => {} : this.#table.attach(ladders);
    this.#readers.add(reader);
    this.#wakeUp.ring();
    return {
      get depth() {
        return reader.depth;
      },
      detach: () => {
        this.#readers.delete(reader);
        detachLadders();
      },
    };
  }

  /** Takes the quotes of a run of cells out of the table, at once, and closes what rested on them. */
  withdraw(firstCell: number, cells: number, reason: CloseReason): void {
    this.#screener.withdraw(firstCell, cells, reason, this.#clock.now());
    this.#publish();
  }

  /** Listeners are called in turn and must not throw. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Closes what is open and ends the loop. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.ring();
    await this.#running;
    this.#screener.episodes.closeAll("shutdown", this.#clock.now());
    this.#publish();
  }

  async #run(): Promise<void> {
    let since = 0;
    let lately = 0;
    while (!this.#stopping) {
      const began = this.#clock.now();
      const rows = this.#drain(began);
      if (rows === 0) {
        await this.#wakeUp.sleep(() => this.#stopping || this.#hasRows());
        continue;
      }
      this.#publish();
      const now = this.#clock.now();
      this.rounds++;
      // Whoever sets the clock back takes nothing away.
      this.evaluationMs += Math.max(0, now - began);
      if (now - since > REST_MS) [since, lately] = [now, 0];
      lately += rows;
      await this.#clock.turn(lately >= DENSE_ROWS ? REST_MS : 0);
    }
  }

  #hasRows(): boolean {
    for (const reader of this.#readers) if (reader.depth > 0) return true;
    return false;
  }

  #drain(now: number): number {
    const { row } = this.#observer;
    let rows = 0;
    for (const reader of this.#readers) {
      rows += reader.drain(ROWS_PER_TURN, (words, at) => {
        this.ticks += words[at + Row.ticks]!;
        row?.(words, at);
        this.#screener.changed(this.#table.take(words, at), now);
      });
    }
    this.rows += rows;
    return rows;
  }

  #publish(): void {
    const { episodes } = this.#screener;
    const events = episodes.take();
    if (events.length === 0) return;
    const finished = episodes.takeFinished();
    if (finished.length > 0) this.#observer.finished?.(finished);
    for (const listener of this.#listeners) listener(events);
  }
}
