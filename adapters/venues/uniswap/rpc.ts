/** JSON-RPC 2.0 as nodes speak it: requests, and what their answers mean. Nothing here does I/O. */
import { isObject, reasonOf, wholeOf } from "../_base/json.ts";

export interface RpcCall {
  method: string;
  params: readonly unknown[];
}

export interface RpcError {
  problem: string;
  /** As the node gave it; null where there was no answer at all. */
  code: number | null;
}

/** What a call came to. An error is a value: a node may know less than another, or less than it did. */
export type RpcOutcome = { result: unknown } | RpcError;

/** "Limit exceeded" (EIP-1474), and as many providers have it, the status of HTTP. */
const LIMIT_CODES = [-32005, 429];

export function requestOf(id: number, { method, params }: RpcCall): Record<string, unknown> {
  return { jsonrpc: "2.0", id, method, params };
}

/**
 * What a node cannot do at all (JSON-RPC 2.0, EIP-1474): method not found, invalid params, method not supported. What we ask is
 * sound, so another node may be able to.
 */
const UNABLE_CODES = [-32601, -32602, -32004];

/** How nodes say that they do not have a block: it may be too new for them, or another node may have it. */
const BEHIND = /(?:header|block|resource) ?(?:was )?not ?found|unknown block|missing trie node/i;

/** Whether the same may be asked again soon, perhaps of another node, with a better end. */
export function isPassing(outcome: RpcOutcome): outcome is RpcError {
  if (!("problem" in outcome)) return false;
  const { code, problem } = outcome;
  return code === null || LIMIT_CODES.includes(code) || UNABLE_CODES.includes(code) || BEHIND.test(problem);
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
