/**
 * Asks nodes over HTTP, many calls in one request. Whatever is no answer of the chain itself is asked again,
 * or of another node, and only that.
 */
import { BatchLengths } from "./batch_lengths.ts";
import { Behind } from "./behind.ts";
import { ChainCheck } from "./chain_check.ts";
import { shownUrl } from "../_base/shown_url.ts";
import type { Endpoints } from "./endpoints.ts";
import { askOverHttp, type HttpAnswer, type HttpRequestOptions } from "./http_request.ts";
import { requestOf, type RpcCall, type RpcError, type RpcOutcome, verdictOf } from "./rpc.ts";

export interface HttpRpcOptions extends HttpRequestOptions {
  endpoints: Endpoints;
  /**
   * Where it is given, each endpoint is asked first whether it is of this chain; one of another is not used.
   */
  chainId?: number;
  /** An endpoint failed, for this reason; another is tried. */
  failed?: (problem: string) => void;
  /** So many requests for the same calls may fail. */
  attempts: number;
  /** Calls in one request; providers refuse more than some hundred. */
  maxBatch: number;
  /** The longest wait before nodes are asked again for a block that they do not have yet. */
  behindMs?: number;
}

type CallArgs = [method: string, params: readonly unknown[], isSound?: RpcCall["isSound"]];

/** The outcomes of what was asked, in its order, and what is known of the request as a whole. */
type Answered = Omit<HttpAnswer, "outcomes"> & { outcomes: RpcOutcome[]; isSilent: boolean };

const NEVER_ASKED: RpcOutcome = { problem: "The node was not asked", code: null };

export class HttpRpc {
  readonly #options: HttpRpcOptions;
  readonly #chain: ChainCheck;
  readonly #lengths: BatchLengths;
  #lastId = 0;
  #restingUntilMs = -Infinity;

  constructor(options: HttpRpcOptions) {
    this.#options = options;
    this.#chain = new ChainCheck(options);
    this.#lengths = new BatchLengths(options.maxBatch);
  }

  /** Until when all nodes rest, after the last of them failed; that may be past. */
  get restingUntilMs(): number {
    return this.#restingUntilMs;
  }

  async call(...[method, params, isSound]: CallArgs): Promise<RpcOutcome> {
    return (await this.batch([isSound === undefined ? { method, params } : { method, params, isSound }]))[0]!;
  }

  /**
   * One outcome for each call, in their order. Never throws. They may be of several nodes: pin what must
   * agree to a block. After the signal nothing more is asked, and what is under way is given up.
   */
  async batch(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcOutcome[]> {
    const { maxBatch, signal: always } = this.#options;
    const ending = signal === undefined ? always : AbortSignal.any([always, signal]);
    const outcomes: RpcOutcome[] = [];
    for (let at = 0; at < calls.length; at += maxBatch) {
      outcomes.push(...await this.#some(calls.slice(at, at + maxBatch), ending));
    }
    return outcomes;
  }

  async #some(calls: readonly RpcCall[], signal: AbortSignal): Promise<RpcOutcome[]> {
    const { endpoints, now, attempts, behindMs = 0 } = this.#options;
    const outcomes = calls.map(() => NEVER_ASKED);
    const behind = new Behind(endpoints, behindMs);
    let lastUrl = "";
    for (let failures = 0; failures < attempts;) {
      const open = [...outcomes.keys()].filter((n) => verdictOf(outcomes[n]!) !== "answer");
      if (open.length === 0) break;
      const next = behind.next(now());
      if (next === undefined) {
        const missing = outcomes[open[0]!]!;
        this.#options.failed?.(explained(lastUrl, "problem" in missing ? missing : NO_BLOCK));
        break;
      }
      await pause(next.waitMs, signal);
      if (signal.aborted) break;
      const { url } = next;
      // Another call may have failed there meanwhile.
      if (endpoints.isResting(url, now())) continue;
      lastUrl = url;
      const asked = open.slice(0, this.#lengths.mostOf(url));
      const askedAtMs = now();
      const answered = await this.#ask(url, asked.map((n) => calls[n]!), signal);
      // That a node was not let finish says nothing of it.
      if (signal.aborted) break;
      for (const [k, n] of asked.entries()) outcomes[n] = answered.outcomes[k]!;
      if (asked.length > 1 && answered.outcomes.some(isTooMany)) {
        this.#lengths.refused(url, asked.length);
        if (answered.isLimited !== true) {
          for (const n of asked) if (isTooMany(outcomes[n]!)) outcomes[n] = NEVER_ASKED;
          continue;
        }
      }
      const bad = answered.outcomes.find((outcome) => verdictOf(outcome) === "failure");
      const problem = answered.problem ?? (bad === undefined ? undefined : explained(url, bad as RpcError));
      if (problem !== undefined) {
        failures++;
        this.#failed(url, problem, askedAtMs, answered);
        continue;
      }
      this.#lengths.took(url, asked.length);
      endpoints.succeeded(url, askedAtMs);
      if (answered.outcomes.some((outcome) => verdictOf(outcome) === "behind")) behind.add(url);
    }
    return outcomes;
  }

  async #ask(url: string, calls: readonly RpcCall[], signal: AbortSignal): Promise<Answered> {
    const firstId = this.#lastId + 1;
    this.#lastId += calls.length;
    const requests = calls.map((call, k) => requestOf(firstId + k, call));
    const { outcomes: byId, ...answer } = await this.#chain.problemOf(url) ??
      await askOverHttp(url, requests, { ...this.#options, signal });
    const problem = answer.problem ?? `${shownUrl(url)} leaves a call unanswered`;
    const outcomes = calls.map(({ isSound }, k): RpcOutcome => {
      const outcome = byId?.get(firstId + k);
      if (outcome === undefined) return { problem, code: null };
      if ("problem" in outcome || outcome.result === null || isSound?.(outcome.result) !== false) {
        return outcome;
      }
      return { problem: `${shownUrl(url)} answers something else than was asked for`, code: null };
    });
    return { ...answer, outcomes, isSilent: byId === undefined };
  }

  #failed(url: string, problem: string, askedAtMs: number, { isSilent, retryAfterMs = 0 }: Answered): void {
    const { endpoints, now, failed } = this.#options;
    if (isSilent) this.#chain.forget(url);
    endpoints.failed(url, now(), { askedAtMs, retryAfterMs });
    const { waitMs } = endpoints.best(now());
    if (waitMs > 0) this.#restingUntilMs = now() + waitMs;
    failed?.(problem);
  }
}

/** There is no code for it: providers say so in words. */
function isTooMany(outcome: RpcOutcome): boolean {
  return "problem" in outcome && /\bbatch/i.test(outcome.problem);
}

/** Invalid params, although they are sound. */
const REFUSES_PARAMS = -32602;
const NO_BLOCK: RpcError = { problem: "It does not have the block", code: 0 };

function explained(url: string, { problem, code }: RpcError): string {
  if (code === null) return problem;
  const hint = code === REFUSES_PARAMS ? "; it may not know blocks by their hash (EIP-1898), as it must" : "";
  return `${shownUrl(url)} refuses: ${problem}${hint}`;
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
