/** Asks nodes over HTTP, many calls in one request, and asks again or elsewhere for what had no answer. */
import { type Endpoints, shownUrl } from "./endpoints.ts";
import { quantityOf } from "./hex.ts";
import { askOverHttp, type HttpAnswer, type HttpRequestOptions } from "./http_request.ts";
import { isPassing, requestOf, type RpcCall, type RpcError, type RpcOutcome } from "./rpc.ts";

export interface HttpRpcOptions extends HttpRequestOptions {
  endpoints: Endpoints;
  /** Where it is given, each endpoint is asked first whether it is of this chain; one of another is not used. */
  chainId?: number;
  /** An endpoint failed, for this reason; another is tried. */
  failed?: (problem: string) => void;
  /** So many requests for the same calls may fail. */
  attempts: number;
  /** Calls in one request; providers refuse more than some hundred. */
  maxBatch: number;
}

/** An endpoint that refuses a request for its length gets ones that are so much shorter. */
const SHRINK = 4;

/** There is no code for it: providers say so in words. */
function isTooMany(outcome: RpcOutcome): boolean {
  return "problem" in outcome && /\bbatch/i.test(outcome.problem);
}

const NEVER_ASKED: RpcOutcome = { problem: "The node was not asked", code: null };

export class HttpRpc {
  readonly #options: HttpRpcOptions;
  /** Endpoints that are known to be of the chain. */
  readonly #verified = new Set<string>();
  /** Where an endpoint takes fewer calls in a request than others. */
  readonly #most = new Map<string, number>();
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
    for (let attempt = 0; attempt < attempts;) {
      const { url, waitMs } = endpoints.best(now());
      const open = [...outcomes.keys()].filter((n) => isPassing(outcomes[n]!)).slice(0, this.#mostAt(url));
      if (open.length === 0) break;
      await pause(waitMs, signal);
      if (signal.aborted) break;
      const firstId = this.#lastId + 1;
      this.#lastId += open.length;
      const answer = await this.#verify(url) ??
        await askOverHttp(url, open.map((n, k) => requestOf(firstId + k, calls[n]!)), this.#options);
      for (const [k, n] of open.entries()) {
        const outcome = answer.outcomes?.get(firstId + k);
        const problem = answer.problem ?? `${shownUrl(url)} leaves a call unanswered`;
        outcomes[n] = outcome ?? { problem, code: null };
      }
      if (open.length > 1 && open.some((n) => isTooMany(outcomes[n]!))) {
        for (const n of open) if (isTooMany(outcomes[n]!)) outcomes[n] = NEVER_ASKED;
        this.#most.set(url, Math.ceil(open.length / SHRINK));
        continue;
      }
      const bad = open.map((n) => outcomes[n]!).find(isPassing);
      if (bad === undefined) {
        endpoints.succeeded(url);
        continue;
      }
      attempt++;
      // What answers at this address from now on may be something else.
      this.#verified.delete(url);
      endpoints.failed(url, now(), answer.retryAfterMs);
      if (!signal.aborted) this.#options.failed?.(explained(url, bad));
    }
    return outcomes;
  }

  #mostAt(url: string): number {
    return this.#most.get(url) ?? this.#options.maxBatch;
  }

  /** Undefined where the endpoint is of the chain. */
  async #verify(url: string): Promise<HttpAnswer | undefined> {
    const { chainId } = this.#options;
    if (chainId === undefined || this.#verified.has(url)) return undefined;
    const id = ++this.#lastId;
    const answer = await askOverHttp(
      url,
      [requestOf(id, { method: "eth_chainId", params: [] })],
      this.#options,
    );
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
}

/** Invalid params, although they are sound. */
const REFUSES_PARAMS = -32602;

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
