/**
 * The newest blocks of the chain that is followed, and whether what the subscription says of a log agrees with them.
 */
import type { ChainLog, Head } from "./chain.ts";

export type Verdict =
  | "agrees"
  /** A block of this chain, or one before all that is remembered, is of a branch that was left. */
  | "orphaned"
  /** A log of this chain that was not among those read. */
  | "unread";

interface Entry {
  hash: string;
  /** Indices of the logs that were read; "all" where the states were read after this block; null before either. */
  read: ReadonlySet<number> | "all" | null;
  witnessed: Set<number>;
}

const MAX_BLOCKS = 128;
/** More than fit into a block: should a node name more, the others are not remembered. */
const MAX_WITNESSED = 10_000;

export class Ancestry {
  /** By number, ascending. */
  readonly #entries = new Map<number, Entry>();
  /** Logs of blocks whose heads have not come, by hash. */
  readonly #early = new Map<string, Set<number>>();
  readonly #distrusted = new Set<string>();
  #newest = -1;

  /** The states include all up to and with this block. */
  restart(block: Head): void {
    this.#entries.clear();
    this.#entries.set(block.number - 1, { hash: block.parentHash, read: "all", witnessed: new Set() });
    this.#entries.set(block.number, { hash: block.hash, read: "all", witnessed: new Set() });
    this.#newest = block.number;
  }

  /** Until the next `restart` no block is known. */
  clear(): void {
    this.#entries.clear();
    this.#newest = -1;
  }

  /** It is one of the blocks that are remembered. */
  has({ number, hash }: Head): boolean {
    return this.#entries.get(number)?.hash === hash;
  }

  /** The child of the newest block. */
  add({ number, hash }: Head): void {
    this.#entries.set(number, { hash, read: null, witnessed: this.#early.get(hash) ?? new Set() });
    this.#early.delete(hash);
    this.#newest = number;
    if (this.#entries.size > MAX_BLOCKS) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** Remembers which logs were read. False where one that the subscription has told of is not among them. */
  read(number: number, indices: ReadonlySet<number>): boolean {
    const entry = this.#entries.get(number)!;
    entry.read = indices;
    return entry.witnessed.isSubsetOf(indices);
  }

  /** A log of this block, or of one that it builds on, was removed. */
  isDistrusted({ hash, parentHash }: Head): boolean {
    if (this.#distrusted.has(parentHash)) this.#distrust(hash);
    return this.#distrusted.has(hash);
  }

  /** What was removed may have come back. */
  trust(): void {
    this.#distrusted.clear();
  }

  judge(log: ChainLog): Verdict {
    const entry = this.#entries.get(log.blockNumber);
    const isAhead = log.blockNumber > this.#newest;
    if (log.removed) return this.#judgeRemoved(log, entry, isAhead);
    if (log.blockHash !== null && this.#distrusted.has(log.blockHash)) this.trust();
    if (isAhead) {
      this.#remember(log);
      return "agrees";
    }
    if (entry === undefined) return "unread";
    if (log.blockHash !== null && log.blockHash !== entry.hash) return "orphaned";
    if (entry.read === null && entry.witnessed.size < MAX_WITNESSED) entry.witnessed.add(log.logIndex);
    return entry.read === null || entry.read === "all" || entry.read.has(log.logIndex) ? "agrees" : "unread";
  }

  #judgeRemoved({ blockHash, blockNumber }: ChainLog, entry: Entry | undefined, isAhead: boolean): Verdict {
    if (blockHash === null) return "orphaned";
    this.#distrust(blockHash);
    // Its head is still to come, and will be passed over.
    if (isAhead) return "agrees";
    // Of a branch that may or may not be this one.
    if (entry === undefined) return "orphaned";
    // Known to be replaced already.
    if (entry.hash !== blockHash) return "agrees";
    for (const [number, { hash }] of this.#entries) if (number >= blockNumber) this.#distrust(hash);
    return "orphaned";
  }

  #remember({ blockHash, logIndex }: ChainLog): void {
    if (blockHash === null) return;
    const witnessed = this.#early.get(blockHash) ?? new Set();
    if (witnessed.size < MAX_WITNESSED) witnessed.add(logIndex);
    this.#early.set(blockHash, witnessed);
    if (this.#early.size > MAX_BLOCKS) this.#early.delete(this.#early.keys().next().value!);
  }

  #distrust(hash: string): void {
    this.#distrusted.add(hash);
    if (this.#distrusted.size > MAX_BLOCKS) this.#distrusted.delete(this.#distrusted.values().next().value!);
  }
}
