/**
 * Reads the logs of blocks, for as long as they are waited for: a few requests at a time, and what is asked
 * for meanwhile goes out together with the next one. So a node that stands still or limits us is not met by a
 * crowd when it is back.
 */
import { logsInOrder } from "./block_logs.ts";
import { type ChainLog, type Head, logOf } from "./chain.ts";
import type { RpcCall, RpcOutcome } from "./rpc.ts";

/** `HttpRpc` is one. */
export interface BatchCaller {
  batch(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcOutcome[]>;
}

export interface LogsReaderOptions {
  /** Contracts whose logs count. */
  addresses: readonly string[];
  isWaitedFor(hash: string): boolean;
  told(block: Head, logs: ChainLog[] | { problem: string }): void;
}

/** One that hangs does not hold up the next block. */
const MAX_REQUESTS = 3;

interface Request {
  blocks: readonly Head[];
  ending: AbortController;
}

export class LogsReader {
  readonly #rpc: BatchCaller;
  readonly #options: LogsReaderOptions;
  /** In the order in which they were asked for. */
  #wanted: Head[] = [];
  readonly #requests = new Set<Request>();

  constructor(rpc: BatchCaller, options: LogsReaderOptions) {
    this.#rpc = rpc;
    this.#options = options;
  }

  read(block: Head): void {
    this.#wanted.push(block);
    this.#ask();
  }

  /** Leaves out what is not waited for any more, and ends requests that are of no other use. */
  prune(): void {
    const { isWaitedFor } = this.#options;
    this.#wanted = this.#wanted.filter(({ hash }) => isWaitedFor(hash));
    for (const request of this.#requests) {
      if (request.blocks.some(({ hash }) => isWaitedFor(hash))) continue;
      this.#requests.delete(request);
      request.ending.abort();
    }
    this.#ask();
  }

  stop(): void {
    this.#wanted = [];
    for (const { ending } of this.#requests) ending.abort();
  }

  #ask(): void {
    if (this.#wanted.length > 0 && this.#requests.size < MAX_REQUESTS) {
      void this.#request(this.#wanted.splice(0));
    }
  }

  async #request(blocks: readonly Head[]): Promise<void> {
    const request: Request = { blocks, ending: new AbortController() };
    this.#requests.add(request);
    const { signal } = request.ending;
    const outcomes = await this.#rpc.batch(blocks.map((block) => this.#callOf(block)), signal);
    this.#requests.delete(request);
    if (signal.aborted) return;
    // The newest first: then all of them are applied together, and only the last of them is published.
    for (const [n, block] of [...blocks.entries()].reverse()) {
      this.#options.told(block, logsIn(outcomes[n]!, block));
    }
    this.#ask();
  }

  #callOf(block: Head): RpcCall {
    const params = [{ blockHash: block.hash, address: this.#options.addresses }];
    return { method: "eth_getLogs", params, isSound: (result) => Array.isArray(logsIn({ result }, block)) };
  }
}

function logsIn(outcome: RpcOutcome, block: Head): ChainLog[] | { problem: string } {
  const { number } = block;
  if ("problem" in outcome) return { problem: `Logs of block ${number} cannot be read: ${outcome.problem}` };
  const logs = Array.isArray(outcome.result) ? outcome.result.map(logOf) : [undefined];
  if (!logs.every((log) => log !== undefined)) return { problem: `Logs of block ${number} are malformed` };
  const inOrder = logsInOrder(block, logs);
  return typeof inOrder === "string" ? { problem: inOrder } : inOrder;
}
