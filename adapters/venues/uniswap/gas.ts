/**
 * What the gas of one swap costs: the node's present price of gas, read once a block, beside the other reads.
 */
import { quantityOf } from "./hex.ts";
import type { RpcOutcome } from "./rpc.ts";

/** `HttpRpc` is one. */
interface Caller {
  call(
    method: string,
    params: readonly unknown[],
    isSound?: (result: unknown) => boolean,
  ): Promise<RpcOutcome>;
}

export interface GasOptions {
  /** What one swap takes. */
  gasUnits: number;
  now(): number;
  /** A price that was read longer ago than this is not known any more. */
  validMs: number;
  /** Chains with several blocks a second are asked no more often than this. */
  everyMs: number;
}

/** Of a coin; all chains of this kind count so. */
const WEI = 1e18;

export class Gas {
  readonly #rpc: Caller;
  readonly #options: GasOptions;
  #price = NaN;
  #readAtMs = -Infinity;
  #askedAtMs = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(rpc: Caller, options: GasOptions) {
    this.#rpc = rpc;
    this.#options = options;
  }

  /** What one swap costs, in the native coin of the chain; NaN where that is not known. */
  get native(): number {
    const { now, validMs, gasUnits } = this.#options;
    return now() - this.#readAtMs <= validMs ? this.#price * gasUnits / WEI : NaN;
  }

  /**
   * Reads the price, unless it is being read or was just now. Resolves when that is done, well or not; never
   * throws.
   */
  read(): Promise<void> {
    const { now, everyMs } = this.#options;
    if (this.#reading !== undefined) return this.#reading;
    if (now() - this.#askedAtMs < everyMs) return Promise.resolve();
    this.#askedAtMs = now();
    return this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  /** The same, but the caller waits no longer than this. */
  async readWithin(mostMs: number): Promise<void> {
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, mostMs);
    await Promise.race([this.read(), waited]);
    clearTimeout(timer);
  }

  async #read(): Promise<void> {
    const isSound = (result: unknown) => quantityOf(result) !== undefined;
    const outcome = await this.#rpc.call("eth_gasPrice", [], isSound);
    const price = "result" in outcome ? quantityOf(outcome.result) : undefined;
    if (price === undefined) return;
    this.#price = price;
    this.#readAtMs = this.#options.now();
  }
}
