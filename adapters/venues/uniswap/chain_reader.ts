/** Does what a follower says is to be done: reads states and logs over HTTP, and hands them on in their order. */
import type { Backoff } from "../../../core/app/backoff.ts";
import { type ChainLog, type Head, logOf } from "./chain.ts";
import type { Follower } from "./follower.ts";
import type { ChainAction, ChainEvent } from "./follower_events.ts";
import type { RpcOutcome } from "./rpc.ts";

/** The states that are followed; what they are of is nothing to the reader. */
export interface FollowedStates<S> {
  /** All of them as they stand after this block, or why they cannot be had. Does not throw. */
  read(block: Head): Promise<S | { problem: string }>;
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
}

/** `HttpRpc` is one. */
interface Caller {
  call(method: string, params: readonly unknown[]): Promise<RpcOutcome>;
}

type Reading = Extract<ChainAction, { kind: "re_read" }>;

/** Events after which the next reading waits a little. */
const FAILURES: readonly ChainEvent["kind"][] = ["snapshot_failed", "block_logs_failed", "misfit"];

export class ChainReader<S> {
  readonly #follower: Follower;
  readonly #rpc: Caller;
  readonly #states: FollowedStates<S>;
  readonly #options: ChainReaderOptions;
  /** One at a time: what is asked for in the meantime waits, and only the newest of it counts. */
  #isReading = false;
  #next: Reading | null = null;
  #nextAtMs = 0;
  #read: S | undefined;
  #stopped = false;

  constructor(follower: Follower, rpc: Caller, states: FollowedStates<S>, options: ChainReaderOptions) {
    this.#follower = follower;
    this.#rpc = rpc;
    this.#states = states;
    this.#options = options;
  }

  /** Of the subscriptions; answers come by themselves. */
  on(event: ChainEvent): void {
    if (this.#stopped) return;
    for (const action of this.#follower.on(event)) {
      const problem = this.#do(action, FAILURES.includes(event.kind));
      // What follows in the list is no longer so.
      if (problem !== undefined) return this.on({ kind: "misfit", reason: problem });
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
        void this.#readLogs(action.block);
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
      case "stale":
        this.#states.stale(action.reason);
    }
  }

  async #readNext(): Promise<void> {
    const reading = this.#next;
    const { now } = this.#options;
    if (reading === null || this.#isReading || now() < this.#nextAtMs) return;
    this.#next = null;
    this.#isReading = true;
    const { ticket, block } = reading;
    const states = await this.#states.read(block);
    this.#isReading = false;
    if (hasProblem(states)) {
      this.on({ kind: "snapshot_failed", ticket, reason: states.problem });
    } else {
      this.#read = states;
      this.on({ kind: "snapshot", ticket, nowMs: now() });
      this.#read = undefined;
    }
    this.#readNext();
  }

  async #readLogs({ number, hash }: Head): Promise<void> {
    const { addresses, now } = this.#options;
    const outcome = await this.#rpc.call("eth_getLogs", [{ blockHash: hash, address: addresses }]);
    const failed = (reason: string) => this.on({ kind: "block_logs_failed", hash, reason });
    if ("problem" in outcome) return failed(`Logs of block ${number} cannot be read: ${outcome.problem}`);
    const logs = Array.isArray(outcome.result) ? outcome.result.map(logOf) : [undefined];
    if (!logs.every((log) => log !== undefined)) return failed(`Logs of block ${number} are malformed`);
    this.on({ kind: "block_logs", hash, logs, nowMs: now() });
  }
}

function hasProblem<S>(states: S | { problem: string }): states is { problem: string } {
  return typeof states === "object" && states !== null && "problem" in states;
}
