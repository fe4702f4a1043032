/**
 * Does what a follower says is to be done: reads states and logs over HTTP, and hands them on in their order.
 */
import type { Backoff } from "../../../core/app/backoff.ts";
import type { ChainLog, Head } from "./chain.ts";
import type { Follower } from "./follower.ts";
import type { ChainAction, ChainEvent } from "./follower_events.ts";
import { type BatchCaller, LogsReader } from "./logs_reader.ts";

/** The states that are followed; what they are of is nothing to the reader. */
export interface FollowedStates<S> {
  /**
   * All of them as they stand after this block, or why they cannot be had; of no use after the signal. Does
   * not throw.
   */
  read(block: Head, signal: AbortSignal): Promise<S | { problem: string }>;
  /** Go on from these. */
  adopt(states: S, block: Head): void;
  /** The logs of the next block; where one does not fit, why. */
  apply(logs: readonly ChainLog[], block: Head): { problem: string } | undefined;
  publish(block: Head): void;
  stale(reason: string): void;
}

export interface ChainReaderOptions {
  /** Contracts whose logs count. */
  addresses: readonly string[];
  now(): number;
  /** Between readings that fail. */
  backoff: Backoff;
  /** Why a block is not published although its states are known. */
  withheld?: (reason: string, block: Head) => void;
}

type Reading = Extract<ChainAction, { kind: "re_read" }>;

/** Events after which the next reading waits a little. */
const FAILURES: readonly ChainEvent["kind"][] = ["snapshot_failed", "block_logs_failed", "misfit"];

export class ChainReader<S> {
  readonly #follower: Follower;
  readonly #states: FollowedStates<S>;
  readonly #options: ChainReaderOptions;
  readonly #logs: LogsReader;
  /** One at a time: what is asked for in the meantime waits, and only the newest of it counts. */
  #reading: { ticket: number; ending: AbortController } | null = null;
  #next: Reading | null = null;
  #nextAtMs = 0;
  #read: S | undefined;
  #stopped = false;

  constructor(follower: Follower, rpc: BatchCaller, states: FollowedStates<S>, options: ChainReaderOptions) {
    this.#follower = follower;
    this.#logs = new LogsReader(rpc, {
      addresses: options.addresses,
      isWaitedFor: (hash) => follower.waitsFor(hash),
      told: ({ hash }, logs) =>
        this.on(
          "problem" in logs
            ? { kind: "block_logs_failed", hash, reason: logs.problem }
            : { kind: "block_logs", hash, logs, nowMs: options.now() },
        ),
    });
    this.#states = states;
    this.#options = options;
  }

  /** Of the subscriptions; answers come by themselves. */
  on(event: ChainEvent): void {
    if (this.#stopped) return;
    this.#follow(event);
    this.#logs.prune();
    if (this.#reading !== null && !this.#follower.isReading(this.#reading.ticket)) {
      this.#reading.ending.abort();
    }
  }

  #follow(event: ChainEvent): void {
    for (const action of this.#follower.on(event)) {
      const problem = this.#do(action, FAILURES.includes(event.kind));
      // What follows in the list is no longer so.
      if (problem !== undefined) return this.#follow({ kind: "misfit", reason: problem });
    }
  }

  /** Lets time pass: several times in each block time. */
  tick(nowMs: number): void {
    this.on({ kind: "time", nowMs });
    this.#readNext();
  }

  /** Answers that are still to come are passed over. */
  stop(): void {
    this.#stopped = true;
    this.#next = null;
    this.#logs.stop();
    this.#reading?.ending.abort();
  }

  #do(action: ChainAction, afterFailure: boolean): string | undefined {
    const { now, backoff } = this.#options;
    switch (action.kind) {
      case "re_read":
        this.#next = action;
        this.#nextAtMs = afterFailure ? now() + backoff.next() : now();
        this.#readNext();
        return;
      case "read_logs":
        this.#logs.read(action.block);
        return;
      case "adopt":
        this.#states.adopt(this.#read!, action.block);
        return;
      case "apply":
        return this.#states.apply(action.logs, action.block)?.problem;
      case "publish":
        backoff.reset();
        this.#states.publish(action.block);
        return;
      case "withheld":
        this.#options.withheld?.(action.reason, action.block);
        return;
      case "stale":
        this.#states.stale(action.reason);
    }
  }

  async #readNext(): Promise<void> {
    const reading = this.#next;
    const { now } = this.#options;
    if (reading === null || this.#reading !== null || now() < this.#nextAtMs) return;
    this.#next = null;
    const { ticket, block } = reading;
    if (!this.#follower.isReading(ticket)) return;
    const ending = new AbortController();
    this.#reading = { ticket, ending };
    const states = await this.#states.read(block, ending.signal);
    this.#reading = null;
    if (hasProblem(states)) {
      this.on({ kind: "snapshot_failed", ticket, reason: states.problem });
    } else {
      this.#read = states;
      this.on({ kind: "snapshot", ticket, nowMs: now() });
      this.#read = undefined;
    }
    this.#readNext();
  }
}

function hasProblem<S>(states: S | { problem: string }): states is { problem: string } {
  return typeof states === "object" && states !== null && "problem" in states;
}
