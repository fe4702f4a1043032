/**
 * Follows random chains through a node that is honest about what it knows and careless about order and time: heads and
 * logs come on subscriptions of their own, answers come when they come or not at all, branches are replaced.
 */
import assert from "node:assert/strict";
import { seeded } from "../_base/testing.ts";
import type { ChainLog, Head } from "./chain.ts";
import { Follower } from "./follower.ts";
import type { ChainEvent } from "./follower_events.ts";

const CHAINS = 400;
const STEPS = 300;

interface Block extends Head {
  logs: ChainLog[];
  parent: Block | null;
  /** Names of all logs up to and with this block: what the states of the pools come from. */
  state: string;
}

interface Habits {
  /** Whether the node tells of removed logs. */
  tellsRemoved: boolean;
  /** Whether the logs are subscribed to at all. */
  tellsLogs: boolean;
  losesHeads: boolean;
}

class Node {
  readonly follower = new Follower({ blockTimeMs: 1_000, maxWaiting: 6 });
  readonly blocks = new Map<string, Block>();
  readonly random: () => number;
  readonly habits: Habits;
  canonical: Block;
  heads: Head[] = [];
  logs: ChainLog[] = [];
  answers: (() => ChainEvent)[] = [];
  /** The last head and the removed logs that the follower was told of. */
  toldHead: Block | undefined;
  readonly toldRemoved = new Set<string>();
  /** What the follower had its owner do. */
  read = { ticket: 0, state: "" };
  state = "unknown";
  published: Block | null = null;
  publications = 0;
  #count = 0;

  constructor(random: () => number, habits: Habits) {
    this.random = random;
    this.habits = habits;
    this.canonical = this.#child(null);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  #child(parent: Block | null): Block {
    const number = (parent?.number ?? 99) + 1;
    const hash = `block ${this.#count++}`;
    const count = this.random() < 0.4 ? 0 : this.random() < 0.03 ? 200 : this.below(4);
    const logs = Array.from({ length: count }, (_, n): ChainLog => {
      const logIndex = 2 * n + 1;
      return {
        address: "",
        topics: [],
        data: "",
        blockNumber: number,
        blockHash: hash,
        logIndex,
        removed: false,
      };
    });
    const state = (parent?.state ?? "") + logs.map(({ logIndex }) => `${hash}:${logIndex},`).join("");
    const block = { number, hash, parentHash: parent?.hash ?? "", timestamp: number, logs, parent, state };
    this.blocks.set(hash, block);
    return block;
  }

  grow(): void {
    this.#add(this.#child(this.canonical));
  }

  #add(block: Block): void {
    this.canonical = block;
    if (!this.habits.losesHeads || this.random() > 0.05) this.heads.push(block);
    if (this.random() < 0.1) this.heads.push(block);
    if (this.habits.tellsLogs) this.logs.push(...block.logs);
  }

  /** Replaces up to three blocks by as many or more. */
  reorganise(): void {
    let depth = 1 + this.below(3);
    const left: Block[] = [];
    for (; depth > 0 && this.canonical.parent !== null; depth--) {
      left.push(this.canonical);
      this.canonical = this.canonical.parent;
    }
    if (this.habits.tellsRemoved) {
      const removed = left.flatMap(({ logs }) => logs.toReversed());
      this.logs.push(...removed.map((log) => ({ ...log, removed: true })));
    }
    for (let n = left.length + this.below(2); n > 0; n--) this.grow();
  }

  /** One thing of what may happen next. */
  step(): void {
    const choice = this.random();
    if (choice < 0.15) this.grow();
    else if (choice < 0.17) this.reorganise();
    else if (choice < 0.175) this.tell({ kind: "reconnected" });
    else if (choice < 0.45) this.tellHead();
    else if (choice < 0.75) this.tellLog();
    else this.answer();
  }

  tellHead(): void {
    const head = this.heads.shift();
    if (head === undefined) return;
    this.toldHead = this.blocks.get(head.hash)!;
    this.tell({ kind: "head", head, nowMs: head.timestamp * 1_000 });
  }

  tellLog(): void {
    const log = this.logs.shift();
    if (log === undefined) return;
    if (log.removed) this.toldRemoved.add(log.blockHash!);
    this.tell({ kind: "log", log });
  }

  answer(): void {
    const [answer] = this.answers.splice(this.below(this.answers.length), 1);
    if (answer !== undefined) this.tell(answer());
  }

  tell(event: ChainEvent): void {
    if (event.kind === "reconnected") this.heads = [];
    for (const action of this.follower.on(event)) {
      if (action.kind === "stale") {
        this.published = null;
        continue;
      }
      const block = this.blocks.get(action.block.hash)!;
      const nowMs = block.timestamp * 1_000;
      if (action.kind === "re_read") {
        const { ticket } = action;
        const failed = { kind: "snapshot_failed", ticket, reason: "No answer" } as const;
        this.answers.push(() => {
          if (this.random() < 0.1 || !ancestors(this.canonical).includes(block)) return failed;
          this.read = { ticket, state: block.state };
          return { kind: "snapshot", ticket, nowMs };
        });
      } else if (action.kind === "read_logs") {
        const { hash } = block;
        const failed = { kind: "block_logs_failed", hash, reason: "No answer" } as const;
        const logs = [...block.logs, ...block.logs.slice(0, 1)].reverse();
        this.answers.push(() => this.random() < 0.05 ? failed : { kind: "block_logs", hash, logs, nowMs });
      } else if (action.kind === "adopt") {
        assert.equal(action.ticket, this.read.ticket);
        this.state = this.read.state;
      } else if (action.kind === "apply") {
        this.state += action.logs.map((log) => `${log.blockHash}:${log.logIndex},`).join("");
      } else if (action.kind === "publish") {
        this.published = block;
        this.publications++;
      }
    }
    this.verify();
  }

  /** What counts as published is the chain's, as far as the follower can have heard of it. */
  verify(): void {
    if (this.published === null) return;
    assert.ok(this.state === this.published.state, `the states at block ${this.published.number}`);
    const told = ancestors(this.toldHead!);
    assert.ok(told.includes(this.published), "published is the newest head or one before it");
    for (const { hash } of ancestors(this.published)) {
      assert.ok(!this.toldRemoved.has(hash), "published builds on what was removed");
    }
  }

  settle(): void {
    // A state of a branch that was left is asked for again until the next head.
    for (let n = 0; n < 100 || this.heads.length + this.logs.length > 0; n++) {
      this.tellHead();
      this.tellLog();
      this.answer();
    }
  }
}

function ancestors(block: Block): Block[] {
  const line: Block[] = [];
  for (let at: Block | null = block; at !== null; at = at.parent) line.push(at);
  return line;
}

for (const tellsLogs of [true, false]) {
  for (const tellsRemoved of tellsLogs ? [true, false] : [false]) {
    for (const losesHeads of [false, true]) {
      const habits = { tellsLogs, tellsRemoved, losesHeads };
      Deno.test(`follower never publishes what the chain is not: ${JSON.stringify(habits)}`, () => {
        let publications = 0;
        for (let seed = 1; seed <= CHAINS; seed++) {
          const node = new Node(seeded(seed), habits);
          try {
            for (let n = 0; n < STEPS; n++) node.step();
            node.settle();
            habits.losesHeads = false;
            for (let n = 0; n < 2; n++) {
              node.grow();
              node.settle();
            }
            assert.equal(node.published?.hash, node.canonical.hash, "recovered within two blocks");
          } catch (error) {
            throw new Error(`Seed ${seed}`, { cause: error });
          } finally {
            habits.losesHeads = losesHeads;
          }
          publications += node.publications;
        }
        assert.ok(publications > 10 * CHAINS, `${publications} publications`);
      });
    }
  }
}
