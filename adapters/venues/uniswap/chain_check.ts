/**
 * Makes sure that nodes are of the chain that is wanted, once for each and for all that ask at the same time.
 */
import { shownUrl } from "../_base/shown_url.ts";
import { quantityOf } from "./hex.ts";
import { askOverHttp, type HttpAnswer, type HttpRequestOptions } from "./http_request.ts";
import { requestOf } from "./rpc.ts";

const REQUEST = requestOf(1, { method: "eth_chainId", params: [] });

export class ChainCheck {
  readonly #options: HttpRequestOptions & { chainId?: number };
  /** By endpoint; undefined where it is of the chain, else why it cannot be used. */
  readonly #answers = new Map<string, Promise<HttpAnswer | undefined>>();

  constructor(options: HttpRequestOptions & { chainId?: number }) {
    this.#options = options;
  }

  /** Undefined where the endpoint is of the chain, or any chain is wanted. Never rejects. */
  problemOf(url: string): Promise<HttpAnswer | undefined> {
    const { chainId } = this.#options;
    if (chainId === undefined) return Promise.resolve(undefined);
    let answer = this.#answers.get(url);
    if (answer === undefined) {
      answer = this.#ask(url, chainId);
      this.#answers.set(url, answer);
      void answer.then((problem) => {
        if (problem !== undefined) this.forget(url);
      });
    }
    return answer;
  }

  /** What answers at this address from now on may be something else. */
  forget(url: string): void {
    this.#answers.delete(url);
  }

  async #ask(url: string, chainId: number): Promise<HttpAnswer | undefined> {
    const { outcomes, ...answer } = await askOverHttp(url, [REQUEST], this.#options);
    const outcome = outcomes?.get(1);
    if (outcome === undefined || answer.problem !== undefined) return answer;
    const problem = (what: string) => ({ ...answer, problem: `${shownUrl(url)} ${what}` });
    if ("problem" in outcome) return problem(`does not tell its chain: ${outcome.problem}`);
    const its = quantityOf(outcome.result);
    if (its !== chainId) return problem(`is of chain ${its} where ${chainId} is wanted`);
  }
}
