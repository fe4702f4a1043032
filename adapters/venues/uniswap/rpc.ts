/** JSON-RPC 2.0 as nodes speak it: requests, and what their answers mean. Nothing here does I/O. */
import { isObject, reasonOf, wholeOf } from "../_base/json.ts";

export interface RpcCall {
  method: string;
  params: readonly unknown[];
  /** Whether this can be the result; a node that gives another one has failed. */
  isSound?: (result: unknown) => boolean;
}

export interface RpcError {
  problem: string;
  /** As the node gave it; null where there was no answer at all. */
  code: number | null;
}

/** What a call came to. An error is a value: a node may know less than another, or less than it did. */
export type RpcOutcome = { result: unknown } | RpcError;

export function requestOf(id: number, { method, params }: RpcCall): Record<string, unknown> {
  return { jsonrpc: "2.0", id, method, params };
}

/**
 * What an outcome says. `answer`: the chain itself speaks, so every node would say the same. `behind`: the
 * node does not have the block, yet or any more; it is well, and may have it in a moment. `failure`: anything
 * else is the node's own matter, such as a limit, a method that it does not know or an internal error;
 * another one may do better.
 */
export type Verdict = "answer" | "behind" | "failure";

/** How nodes say that they do not have a block, its state, or do not yet take it for one of the chain. */
const BEHIND = new RegExp(
  [
    /(?:header|block|resource)\b[\w ]*\bnot (?:be )?found|unknown (?:block|header)|missing trie node/.source,
    /not (?:currently )?canonical|historical state .*not available|block .*not (?:yet )?available/.source,
  ].join("|"),
  "i",
);

export function verdictOf(outcome: RpcOutcome): Verdict {
  // Nothing that is asked for here can be null, but a block.
  if ("result" in outcome) return outcome.result === null ? "behind" : "answer";
  if (isRevert(outcome)) return "answer";
  return outcome.code !== null && BEHIND.test(outcome.problem) ? "behind" : "failure";
}

/** The contract itself refuses: nodes say so with code 3, older ones with -32000 or -32015 in words. */
export function isRevert({ problem, code }: RpcError): boolean {
  return code === 3 || (code !== null && /revert|invalid opcode|out of gas/i.test(problem));
}

/** One answer with its id, which some providers give back as text. Undefined where it is no answer. */
export function answerOf(value: unknown): { id: number; outcome: RpcOutcome } | undefined {
  if (!isObject(value)) return undefined;
  const id = wholeOf(value.id);
  const outcome = outcomeOf(value);
  return id === undefined || outcome === undefined ? undefined : { id, outcome };
}

/** Lenient: `error: null` beside a result is a result. */
export function outcomeOf(value: Record<string, unknown>): RpcOutcome | undefined {
  if (value.error !== undefined && value.error !== null) {
    const error = isObject(value.error) ? value.error : { message: value.error };
    const code = wholeOf(error.code) ?? 0;
    return { problem: `${reasonOf(error.message, "The node gives no reason")} (${code})`, code };
  }
  return "result" in value ? { result: value.result } : undefined;
}
