/**
 * Follows a chain by its heads: says what to read, what to apply and what may be published, and where anything does not
 * fit, says to read the state anew. It does no I/O and has no clock; time comes with the events.
 *
 * Nodes give no order between the subscriptions to heads and to logs and never say which log was a block's last. So the
 * logs that are applied are those that `eth_getLogs` has for the hash of a block, which are all of them. Those of the
 * subscription are witnesses: one that contradicts what is known leads to reading anew.
 *
 * Blocks that build on one whose logs were removed are passed over until such logs come again. A node that forgets to
 * tell of that has nothing published for long: the owner then connects anew.
 *
 * A chain that ends below the highest head that was heard of, from whatever node, is followed but not published.
 */
import type { ChainLog, Head } from "./chain.ts";
import { Ancestry } from "./ancestry.ts";
import { logsInOrder } from "./block_logs.ts";
import type { ChainAction, ChainEvent } from "./follower_events.ts";
import { NewestHead } from "./newest_head.ts";

export interface FollowerOptions {
  /** A head is late after three of these. */
  blockTimeMs: number;
  /** How much later by the block's own timestamp, which is in whole seconds and of another clock. */
  clockToleranceMs?: number;
  /** So many blocks wait for their logs or for the states; beyond that the states are read anew. */
  maxWaiting?: number;
  /** Where others follow the same chain, too. */
  newest?: NewestHead;
}

/** A head that is late by so many block times is missed. */
export const LATE_BLOCKS = 3;
const CLOCK_TOLERANCE_MS = 2_000;
const MAX_WAITING = 64;

interface Waiting {
  block: Head;
  logs: readonly ChainLog[] | null;
}

export class Follower {
  readonly #lateMs: number;
  readonly #clockToleranceMs: number;
  readonly #maxWaiting: number;
  readonly #ancestry = new Ancestry();
  readonly #newest: NewestHead;
  /** The newest head; null until one comes that can be built upon. */
  #tip: Head | null = null;
  #tipAtMs = 0;
  /** The tip was below the newest head when it came. */
  #isBehind = false;
  /** The block at which the states stand; null while they are not known. */
  #standing: Head | null = null;
  /** The block at which the states are being read. */
  #reading: Head | null = null;
  /** What follows the block at which the states stand or are being read, oldest first. */
  #waiting: Waiting[] = [];
  #ticket = 0;
  #published = false;
  #actions: ChainAction[] = [];

  constructor({ blockTimeMs, clockToleranceMs, maxWaiting, newest }: FollowerOptions) {
    this.#lateMs = LATE_BLOCKS * blockTimeMs;
    this.#newest = newest ?? new NewestHead(this.#lateMs);
    this.#clockToleranceMs = clockToleranceMs ?? CLOCK_TOLERANCE_MS;
    this.#maxWaiting = maxWaiting ?? MAX_WAITING;
  }

  /** Whether logs of this block, or the reading of this ticket, are still waited for. */
  waitsFor(hash: string): boolean {
    return this.#waiting.some(({ block, logs }) => block.hash === hash && logs === null);
  }
  isReading(ticket: number): boolean {
    return this.#reading !== null && ticket === this.#ticket;
  }

  /** What follows from the event, in the order in which it is to be done. */
  on(event: ChainEvent): ChainAction[] {
    this.#actions = [];
    switch (event.kind) {
      case "head":
        this.#head(event.head, event.nowMs);
        break;
      case "log":
        this.#witness(event.log);
        break;
      case "block_logs":
        this.#logs(event.hash, event.logs, event.nowMs);
        break;
      case "block_logs_failed":
        if (this.#waiting.some(({ block }) => block.hash === event.hash)) this.#reRead(event.reason);
        break;
      case "snapshot":
        if (event.ticket === this.#ticket && this.#reading !== null) {
          this.#snapshot(this.#reading, event.nowMs);
        }
        break;
      case "snapshot_failed":
        if (event.ticket === this.#ticket && this.#reading !== null) this.#reRead(event.reason);
        break;
      case "misfit":
        if (this.#standing !== null) this.#reRead(event.reason);
        break;
      case "reconnected":
        this.#ancestry.trust();
        this.#waitForHead("The connection to the node began anew");
        break;
      case "time":
        this.#stillTimely(event.nowMs);
    }
    return this.#actions;
  }

  #head(head: Head, nowMs: number): void {
    const tip = this.#tip;
    // One that comes again, or late.
    if (this.#ancestry.has(head)) return;
    if (this.#ancestry.isDistrusted(head)) {
      // Passed over; where it is not the next one, the tip was left, too.
      if (tip !== null && head.parentHash !== tip.hash) this.#waitForHead(`Block ${tip.number} was replaced`);
      return;
    }
    this.#tip = head;
    this.#tipAtMs = nowMs;
    this.#isBehind = this.#newest.isAbove(head.number, nowMs);
    this.#newest.saw(head.number, nowMs);
    if (tip === null) return this.#reRead("The chain is followed from here on");
    if (head.number !== tip.number + 1) return this.#reRead(`Head ${head.number} follows ${tip.number}`);
    if (head.parentHash !== tip.hash) return this.#reRead(`Block ${tip.number} was replaced`);
    if (this.#waiting.length >= this.#maxWaiting) return this.#reRead("Too many blocks wait to be read");
    this.#ancestry.add(head);
    this.#waiting.push({ block: head, logs: null });
    this.#actions.push({ kind: "read_logs", block: head });
  }

  #witness(log: ChainLog): void {
    const verdict = this.#ancestry.judge(log);
    if (this.#tip === null) return;
    if (verdict === "orphaned") this.#waitForHead(`Block ${log.blockNumber} is no longer part of the chain`);
    else if (verdict === "unread") this.#reRead(`A log of block ${log.blockNumber} came late`);
  }

  #logs(hash: string, logs: readonly ChainLog[], nowMs: number): void {
    const waiting = this.#waiting.find(({ block }) => block.hash === hash);
    if (waiting === undefined || waiting.logs !== null) return;
    const { number } = waiting.block;
    const inOrder = logsInOrder(waiting.block, logs);
    if (typeof inOrder === "string") return this.#reRead(inOrder);
    if (!this.#ancestry.read(number, new Set(inOrder.map(({ logIndex }) => logIndex)))) {
      return this.#reRead(`Logs of block ${number} came incomplete`);
    }
    waiting.logs = inOrder;
    this.#advance(nowMs);
  }

  #snapshot(block: Head, nowMs: number): void {
    this.#standing = block;
    this.#reading = null;
    this.#actions.push({ kind: "adopt", ticket: this.#ticket, block });
    this.#advance(nowMs, true);
  }

  /** Applies what is complete and publishes once, after the newest of it. */
  #advance(nowMs: number, moved = false): void {
    if (this.#standing === null) return;
    while (this.#waiting[0]?.logs) {
      const { block, logs } = this.#waiting.shift()!;
      this.#actions.push({ kind: "apply", block, logs: logs! });
      this.#standing = block;
      moved = true;
    }
    if (!moved) return;
    const block = this.#standing;
    const reason = this.#whyBehind(nowMs) ?? this.#whyLate(block, nowMs);
    if (reason !== undefined) return void this.#actions.push({ kind: "withheld", block, reason });
    this.#published = true;
    this.#actions.push({ kind: "publish", block });
  }

  /** Undefined where the tip is not behind, or nobody told of anything higher for long. */
  #whyBehind(nowMs: number): string | undefined {
    const { number } = this.#tip!;
    this.#isBehind &&= this.#newest.isAbove(number, nowMs);
    return this.#isBehind ? `Head ${number} is behind one that was known before` : undefined;
  }

  #whyLate({ number, timestamp }: Head, nowMs: number): string | undefined {
    if (nowMs - this.#tipAtMs > this.#lateMs) return "The next head is late";
    const ageMs = nowMs - timestamp * 1000;
    if (ageMs <= this.#lateMs + this.#clockToleranceMs) return undefined;
    return `Block ${number} is ${Math.round(ageMs / 1000)} s old by this machine's clock`;
  }

  #stillTimely(nowMs: number): void {
    const isHeld = this.#isBehind && this.#tip !== null;
    if (isHeld && this.#whyBehind(nowMs) === undefined) this.#advance(nowMs, true);
    const reason = this.#published ? this.#whyLate(this.#standing!, nowMs) : undefined;
    if (reason !== undefined) this.#stale(reason);
  }

  #stale(reason: string): void {
    if (this.#published) this.#actions.push({ kind: "stale", reason });
    this.#published = false;
  }

  #forget(reason: string): void {
    this.#stale(reason);
    this.#ticket++;
    this.#standing = this.#reading = null;
    this.#waiting = [];
  }

  /** At the newest head, because it is the one block that is known to be part of the chain. */
  #reRead(reason: string): void {
    this.#forget(reason);
    const block = this.#reading = this.#tip!;
    this.#ancestry.restart(block);
    this.#actions.push({ kind: "re_read", ticket: this.#ticket, block });
  }

  /** Even the newest head may be of a branch that was left. */
  #waitForHead(reason: string): void {
    this.#forget(reason);
    this.#tip = null;
    this.#ancestry.clear();
  }
}
