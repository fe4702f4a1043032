/** What a follower of a chain is told, and what it says is to be done. */
import type { ChainLog, Head } from "./chain.ts";

export type ChainEvent =
  | { kind: "head"; head: Head; nowMs: number }
  /** A log of the subscription. */
  | { kind: "log"; log: ChainLog }
  /** The answer to `read_logs`: all logs of the block. */
  | { kind: "block_logs"; hash: string; logs: readonly ChainLog[]; nowMs: number }
  /** `read_logs` came to nothing. */
  | { kind: "block_logs_failed"; hash: string; reason: string }
  /** The answer to `re_read`: all states were read as they stand after the block that was asked for. */
  | { kind: "snapshot"; ticket: number; nowMs: number }
  | { kind: "snapshot_failed"; ticket: number; reason: string }
  /** A log that was applied is at odds with the states: one was missed, or made up. */
  | { kind: "misfit"; reason: string }
  /** The subscriptions ended or began anew: what happened in between is not known. */
  | { kind: "reconnected" }
  | { kind: "time"; nowMs: number };

export type ChainAction =
  /**
   * Read all states at this block, if the node still has it in its chain (`requireCanonical` of EIP-1898); an
   * answer with an older ticket will be ignored. Comes at once after a reading that failed: the owner waits
   * before it asks again.
   */
  | { kind: "re_read"; ticket: number; block: Head }
  | { kind: "read_logs"; block: Head }
  /** The states that were read for this ticket are the ones to go on from; any others are of no use. */
  | { kind: "adopt"; ticket: number; block: Head }
  /** By `logIndex`, each once; all states then stand after this block. */
  | { kind: "apply"; block: Head; logs: readonly ChainLog[] }
  /** The states as they stand are those of this block, and it is not late. */
  | { kind: "publish"; block: Head }
  /** The states as they stand are those of this block, and it is late: nothing of it is published. */
  | { kind: "withheld"; block: Head; reason: string }
  /** Nothing that was published counts until the next `publish`. */
  | { kind: "stale"; reason: string };
