/** For tests: a follower, what it is told, and what it says in words. */
import assert from "node:assert/strict";
import type { ChainLog, Head } from "./chain.ts";
import { Follower } from "./follower.ts";
import type { ChainAction, ChainEvent } from "./follower_events.ts";

const hash = (name: string) => `0x${name.padStart(64, "0")}`;

export function head(number: number, name = `a${number}`, parent = `a${number - 1}`): Head {
  return { number, hash: hash(name), parentHash: hash(parent), timestamp: number };
}

export function log(block: Head, logIndex: number, removed = false): ChainLog {
  const { number: blockNumber, hash: blockHash } = block;
  return { address: "0x00", topics: [], data: "0x", blockNumber, blockHash, logIndex, removed };
}

/** One second per block, and the clock stands where the chain does. */
export class Chain {
  readonly follower = new Follower({ blockTimeMs: 1_000 });
  nowMs = 0;

  on(event: ChainEvent): string[] {
    return this.follower.on(event).map(words);
  }

  head(head: Head): string[] {
    this.nowMs = head.timestamp * 1_000;
    return this.on({ kind: "head", head, nowMs: this.nowMs });
  }

  snapshot(ticket: number): string[] {
    return this.on({ kind: "snapshot", ticket, nowMs: this.nowMs });
  }

  logs(block: Head, ...logs: ChainLog[]): string[] {
    return this.on({ kind: "block_logs", hash: block.hash, logs, nowMs: this.nowMs });
  }

  log(log: ChainLog): string[] {
    return this.on({ kind: "log", log });
  }
}

export function words(action: ChainAction): string {
  if (action.kind === "stale") return `stale: ${action.reason}`;
  const { number } = action.block;
  if (action.kind === "apply") {
    return `apply ${number}: ${action.logs.map(({ logIndex }) => logIndex).join()}`;
  }
  if (action.kind === "withheld") return `withheld ${number}: ${action.reason}`;
  return "ticket" in action ? `${action.kind} ${number} #${action.ticket}` : `${action.kind} ${number}`;
}

/** The states stand at block 10 and are published. */
export function standing(): Chain {
  const chain = new Chain();
  assert.deepEqual(chain.head(head(10)), ["re_read 10 #1"]);
  assert.deepEqual(chain.snapshot(1), ["adopt 10 #1", "publish 10"]);
  return chain;
}
