/**
 * Swaps by hand in the pools of the emulated chain, through the contracts that wallets use. What is needed is
 * said here anew and read from the chain: nothing of how the program computes is used.
 */
import assert from "node:assert/strict";
import {
  createPublicClient,
  encodeFunctionData,
  http,
  numberToHex,
  type TransactionReceipt,
} from "../../emulator/chain/packages/viem.ts";
import { ABI, type By, type Call, exactIn, exactOut, type Hex, type Market } from "./execution_calls.ts";
import { tokensOf, unitsOf } from "./execution_calls.ts";
import { until } from "./process.ts";

export type { Market } from "./execution_calls.ts";

/** The one fee of all pools of v2, in millionths. */
const V2_FEE_PPM = 3000;
const WEI = 1e18;
/** More than any swap takes: how much it takes is to be found out. */
const GAS = numberToHex(2_000_000);

/** What a swap did, in whole tokens. */
export interface Swapped {
  base: number;
  quote: number;
  gasUsed: number;
  /** In wei. */
  gasPrice: bigint;
}

export class Trader {
  readonly account: Hex;
  readonly #client: ReturnType<typeof createPublicClient>;
  readonly #by: By;

  private constructor(
    account: Hex,
    client: ReturnType<typeof createPublicClient>,
    routers: Record<2 | 3, Hex>,
  ) {
    this.account = account;
    this.#client = client;
    this.#by = { account, routers };
  }

  /** The second account of the node has tokens, and has allowed the routers to take them. */
  static async at(url: string, routers: { v2: string; v3: string }): Promise<Trader> {
    const client = createPublicClient({ transport: http(url), pollingInterval: 50, cacheTime: 0 });
    const accounts = await client.request({ method: "eth_accounts" } as never) as Hex[];
    return new Trader(accounts[1]!, client, { 2: routers.v2 as Hex, 3: routers.v3 as Hex });
  }

  async blockNumber(): Promise<number> {
    return Number(await this.#client.getBlockNumber());
  }

  async market(version: 2 | 3, address: string, base: string, quote: string): Promise<Market> {
    const at = { address: address as Hex, base: base as Hex, quote: quote as Hex };
    const [baseDecimals, quoteDecimals] = await Promise.all(
      [at.base, at.quote].map((token) =>
        this.#client.readContract({ abi: ABI, address: token, functionName: "decimals" })
      ),
    ) as [number, number];
    const feePpm = version === 2
      ? V2_FEE_PPM
      : await this.#client.readContract({ abi: ABI, address: at.address, functionName: "fee" });
    return { version, ...at, baseDecimals, quoteDecimals, feePpm };
  }

  /** Quote per base before any size and fee, now. */
  async mid({ version, address, base, baseDecimals, quoteDecimals }: Market): Promise<number> {
    const read = { abi: ABI, address } as const;
    const token0 = await this.#client.readContract({ ...read, functionName: "token0" });
    let ratio: number;
    if (version === 2) {
      const [reserve0, reserve1] = await this.#client.readContract({ ...read, functionName: "getReserves" });
      ratio = Number(reserve1) / Number(reserve0);
    } else {
      const [root] = await this.#client.readContract({ ...read, functionName: "slot0" });
      ratio = (Number(root) / 2 ** 96) ** 2;
    }
    const inUnits = token0.toLowerCase() === base.toLowerCase() ? ratio : 1 / ratio;
    return inUnits * 10 ** (baseDecimals - quoteDecimals);
  }

  /** What so much quote currency would buy now; nothing happens. */
  async wouldBuy(market: Market, quote: number): Promise<number> {
    const call = exactIn(this.#by, market, market.quote, market.base, unitsOf(quote, market.quoteDecimals));
    return tokensOf(await this.#simulate(call), market.baseDecimals);
  }

  /** Sells exactly so much base. */
  sell(market: Market, base: number): Promise<Swapped> {
    return this.#swap(
      market,
      exactIn(this.#by, market, market.base, market.quote, unitsOf(base, market.baseDecimals)),
    );
  }

  /** Buys exactly so much base. */
  buy(market: Market, base: number): Promise<Swapped> {
    const { quote } = market;
    return this.#swap(
      market,
      exactOut(this.#by, market, quote, market.base, unitsOf(base, market.baseDecimals)),
    );
  }

  async #simulate({ to, ...call }: Call): Promise<bigint> {
    const request = { ...call, address: to, account: this.account };
    const { result } = await this.#client.simulateContract(request as never) as {
      result: bigint | readonly bigint[];
    };
    return typeof result === "bigint" ? result : result.at(-1)!;
  }

  /** What the account has afterwards, less what it had: no event and no return value is believed. */
  async #swap(market: Market, call: Call): Promise<Swapped> {
    const data = encodeFunctionData(call as never);
    // The node has the rules of Berlin, and takes no transaction that does not name its price.
    const gasPrice = numberToHex(await this.#client.getGasPrice());
    const transaction = { from: this.account, to: call.to, data, gasPrice, gas: GAS };
    const hash = await this.#client.request(
      { method: "eth_sendTransaction", params: [transaction] } as never,
    ) as Hex;
    const receipt: TransactionReceipt = (await until(
      `transaction ${hash} is in a block`,
      () => this.#client.getTransactionReceipt({ hash }).catch(() => undefined),
    ))!;
    assert.equal(receipt.status, "success", `${call.functionName} took ${receipt.gasUsed} gas`);
    const [base, quote] = await Promise.all([market.base, market.quote].map(async (address) => {
      const [before, after] = await Promise.all(
        [receipt.blockNumber - 1n, receipt.blockNumber].map((blockNumber) =>
          this.#client.readContract({
            ...{ abi: ABI, address, functionName: "balanceOf", args: [this.account], blockNumber },
          })
        ),
      ) as [bigint, bigint];
      return after - before;
    })) as [bigint, bigint];
    assert.ok(base * quote < 0n, "One is paid, the other received");
    return {
      base: Math.abs(tokensOf(base, market.baseDecimals)),
      quote: Math.abs(tokensOf(quote, market.quoteDecimals)),
      gasUsed: Number(receipt.gasUsed),
      gasPrice: receipt.effectiveGasPrice,
    };
  }
}

/** What so much gas costs, in the native coin. */
export function gasNative(units: number, price: bigint): number {
  return units * Number(price) / WEI;
}
