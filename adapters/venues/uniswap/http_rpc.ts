/** Asks nodes over HTTP, many calls in one request, and asks again or elsewhere for what had no answer. */
import { messageOf } from "../_base/rest.ts";
import { retryAfterMs } from "../_base/retry_after.ts";
import { type Endpoints, shownUrl } from "./endpoints.ts";
import { quantityOf } from "./hex.ts";
import {
  answerOf,
  isPassing,
  outcomeOf,
  requestOf,
  type RpcCall,
  type RpcError,
  type RpcOutcome,
} from "./rpc.ts";
import { isObject } from "../_base/json.ts";

export interface HttpRpcOptions {
  endpoints: Endpoints;
  /** Where it is given, each endpoint is asked first whether it is of this chain; one of another is not used. */
  chainId?: number;
  /** An endpoint failed, for this reason; another is tried. */
  failed?: (problem: string) => void;
  now(): number;
  /** Ends whatever is under way. */
  signal: AbortSignal;
  /** For one request, until the last byte of its answer. */
  timeoutMs: number;
  /** So many requests for the same calls at most. */
  attempts: number;
  /** Calls in one request; providers refuse more than some hundred. */
  maxBatch: number;
  /** Of one answer. */
  maxBytes: number;
  maxRetryAfterMs: number;
}

interface Answer {
  /** By id; where it is none, no call was answered. */
  outcomes?: ReadonlyMap<number, RpcOutcome>;
  problem?: string;
  retryAfterMs?: number;
}

const NEVER_ASKED: RpcOutcome = { problem: "The node was not asked", code: null };

export class HttpRpc {
  readonly #options: HttpRpcOptions;
  /** Endpoints that are known to be of the chain. */
  readonly #verified = new Set<string>();
  #lastId = 0;

  constructor(options: HttpRpcOptions) {
    this.#options = options;
  }

  async call(method: string, params: readonly unknown[]): Promise<RpcOutcome> {
    return (await this.batch([{ method, params }]))[0]!;
  }

  /** One outcome for each call, in their order. Never throws. They may be of several nodes: pin what must agree to a block. */
  async batch(calls: readonly RpcCall[]): Promise<RpcOutcome[]> {
    const outcomes: RpcOutcome[] = [];
    const { maxBatch } = this.#options;
    for (let at = 0; at < calls.length; at += maxBatch) {
      outcomes.push(...await this.#some(calls.slice(at, at + maxBatch)));
    }
    return outcomes;
  }

  async #some(calls: readonly RpcCall[]): Promise<RpcOutcome[]> {
    const { endpoints, now, signal, attempts } = this.#options;
    const outcomes = calls.map(() => NEVER_ASKED);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const open = [...outcomes.keys()].filter((n) => isPassing(outcomes[n]!));
      if (open.length === 0) break;
      const { url, waitMs } = endpoints.best(now());
      await pause(waitMs, signal);
      if (signal.aborted) break;
      const firstId = this.#lastId + 1;
      this.#lastId += open.length;
      const answer = await this.#verify(url) ??
        await this.#ask(url, open.map((n, k) => requestOf(firstId + k, calls[n]!)));
      for (const [k, n] of open.entries()) {
        const outcome = answer.outcomes?.get(firstId + k);
        const problem = answer.problem ?? `${shownUrl(url)} leaves a call unanswered`;
        outcomes[n] = outcome ?? { problem, code: null };
      }
      const bad = open.map((n) => outcomes[n]!).find(isPassing);
      if (bad === undefined) {
        endpoints.succeeded(url);
      } else {
        // What answers at this address from now on may be something else.
        this.#verified.delete(url);
        endpoints.failed(url, now(), answer.retryAfterMs);
        if (!signal.aborted) this.#options.failed?.(explained(url, bad));
      }
    }
    return outcomes;
  }

  /** Undefined where the endpoint is of the chain. */
  async #verify(url: string): Promise<Answer | undefined> {
    const { chainId } = this.#options;
    if (chainId === undefined || this.#verified.has(url)) return undefined;
    const id = ++this.#lastId;
    const answer = await this.#ask(url, [requestOf(id, { method: "eth_chainId", params: [] })]);
    const outcome = answer.outcomes?.get(id);
    const problem = (what: string) => ({
      ...answer,
      outcomes: new Map(),
      problem: `${shownUrl(url)} ${what}`,
    });
    if (outcome === undefined) return { ...answer, outcomes: new Map() };
    if ("problem" in outcome) return problem(`does not tell its chain: ${outcome.problem}`);
    const its = quantityOf(outcome.result);
    if (its !== chainId) return problem(`is of chain ${its} where ${chainId} is wanted`);
    this.#verified.add(url);
  }

  /** A single call goes out bare: not every provider takes lists. */
  async #ask(url: string, requests: readonly Record<string, unknown>[]): Promise<Answer> {
    const { now, signal, timeoutMs, maxBytes, maxRetryAfterMs } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(requests.length === 1 ? requests[0] : requests),
        signal: AbortSignal.any([signal, timeout]),
      });
      const wait = retryAfterMs(response.headers.get("retry-after"), now(), maxRetryAfterMs);
      const retry = wait === undefined ? {} : { retryAfterMs: wait };
      const text = await textOf(response, maxBytes);
      const outcomes = outcomesOf(text, requests);
      if (typeof outcomes !== "string") return { outcomes, ...retry };
      const status = response.ok ? "" : ` with status ${response.status}`;
      return { problem: `${shownUrl(url)} answers${status}: ${outcomes}`, ...retry };
    } catch (error) {
      const why = timeout.aborted ? `no whole answer within ${timeoutMs} ms` : messageOf(error);
      const shown = shownUrl(url);
      return { problem: `${shown} cannot be asked: ${why.replaceAll(url, shown)}` };
    }
  }
}

/** Invalid params, although they are sound. */
const REFUSES_PARAMS = -32602;

function explained(url: string, { problem, code }: RpcError): string {
  if (code === null) return problem;
  const hint = code === REFUSES_PARAMS ? "; it may not know blocks by their hash (EIP-1898), as it must" : "";
  return `${shownUrl(url)} refuses: ${problem}${hint}`;
}

/** What was asked and answered, by id; else what is wrong with the answer. Ids that nobody asked for are passed over. */
function outcomesOf(
  text: string,
  requests: readonly Record<string, unknown>[],
): ReadonlyMap<number, RpcOutcome> | string {
  const body = parse(text);
  const outcomes = new Map<number, RpcOutcome>();
  for (const value of Array.isArray(body) ? body : [body]) {
    const answer = answerOf(value);
    if (answer === undefined || outcomes.has(answer.id)) continue;
    if (requests.some(({ id }) => id === answer.id)) outcomes.set(answer.id, answer.outcome);
  }
  if (outcomes.size > 0) return outcomes;
  // An error for the request as a whole has no id.
  const whole = isObject(body) ? outcomeOf(body) : undefined;
  return whole !== undefined && "problem" in whole ? whole.problem : "no answer to any call";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Ends early, without an error, when the signal does. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
