/**
 * Swaps by hand in the pools of the emulated chain, through the contracts that wallets use. What is needed is said here anew
 * and read from the chain: nothing of how the program computes is used.
 */
import assert from "node:assert/strict";
import {
  createPublicClient,
  encodeFunctionData,
  http,
  numberToHex,
  parseAbi,
  type TransactionReceipt,
} from "../../emulator/chain/packages/viem.ts";
import { until } from "./process.ts";

type Hex = `0x${string}`;

const ABI = parseAbi([
  "struct In { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }",
  "struct Out { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountOut; uint256 amountInMaximum; uint160 sqrtPriceLimitX96; }",
  "function exactInputSingle(In params) returns (uint256)",
  "function exactOutputSingle(Out params) returns (uint256)",
  "function swapExactTokensForTokens(uint256 amountIn, uint256 least, address[] path, address to, uint256 deadline) returns (uint256[])",
  "function swapTokensForExactTokens(uint256 amountOut, uint256 most, address[] path, address to, uint256 deadline) returns (uint256[])",
  "function token0() view returns (address)",
  "function fee() view returns (uint24)",
  "function slot0() view returns (uint160, int24, uint16, uint16, uint16, uint8, bool)",
  "function getReserves() view returns (uint112, uint112, uint32)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
]);

/** The one fee of all pools of v2, in millionths. */
const V2_FEE_PPM = 3000;
const FAR_AWAY = 2n ** 40n;
const PLENTY = 2n ** 100n;
const WEI = 1e18;
/** More than any swap takes: how much it takes is to be found out. */
const GAS = numberToHex(2_000_000);

/** A pool with what it trades; `asset` words as the program has them. */
export interface Market {
  version: 2 | 3;
  address: Hex;
  base: Hex;
  quote: Hex;
  baseDecimals: number;
  quoteDecimals: number;
  feePpm: number;
}

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
  readonly #routers: Readonly<Record<2 | 3, Hex>>;

  private constructor(
    account: Hex,
    client: ReturnType<typeof createPublicClient>,
    routers: Record<2 | 3, Hex>,
  ) {
    this.account = account;
    this.#client = client;
    this.#routers = routers;
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
    const call = this.#exactIn(market, market.quote, market.base, unitsOf(quote, market.quoteDecimals));
    return tokensOf(await this.#simulate(call), market.baseDecimals);
  }

  /** Sells exactly so much base. */
  sell(market: Market, base: number): Promise<Swapped> {
    return this.#swap(
      market,
      this.#exactIn(market, market.base, market.quote, unitsOf(base, market.baseDecimals)),
    );
  }

  /** Buys exactly so much base. */
  buy(market: Market, base: number): Promise<Swapped> {
    const { quote } = market;
    return this.#swap(market, this.#exactOut(market, quote, market.base, unitsOf(base, market.baseDecimals)));
  }

  #exactIn({ version, feePpm }: Market, tokenIn: Hex, tokenOut: Hex, amountIn: bigint): Call {
    const { account } = this;
    if (version === 2) {
      const args = [amountIn, 0n, [tokenIn, tokenOut], account, FAR_AWAY] as const;
      return { to: this.#routers[2], abi: ABI, functionName: "swapExactTokensForTokens", args };
    }
    const limits = { amountOutMinimum: 0n, sqrtPriceLimitX96: 0n, deadline: FAR_AWAY };
    const args = [{ tokenIn, tokenOut, fee: feePpm, recipient: account, amountIn, ...limits }] as const;
    return { to: this.#routers[3], abi: ABI, functionName: "exactInputSingle", args };
  }

  #exactOut({ version, feePpm }: Market, tokenIn: Hex, tokenOut: Hex, amountOut: bigint): Call {
    const { account } = this;
    if (version === 2) {
      const args = [amountOut, PLENTY, [tokenIn, tokenOut], account, FAR_AWAY] as const;
      return { to: this.#routers[2], abi: ABI, functionName: "swapTokensForExactTokens", args };
    }
    const limits = { amountInMaximum: PLENTY, sqrtPriceLimitX96: 0n, deadline: FAR_AWAY };
    const args = [{ tokenIn, tokenOut, fee: feePpm, recipient: account, amountOut, ...limits }] as const;
    return { to: this.#routers[3], abi: ABI, functionName: "exactOutputSingle", args };
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

interface Call {
  to: Hex;
  abi: typeof ABI;
  functionName: string;
  args: readonly unknown[];
}

/** What so much gas costs, in the native coin. */
export function gasNative(units: number, price: bigint): number {
  return units * Number(price) / WEI;
}

/** To the nearest unit: what is written in decimal digits need not be a double. */
function unitsOf(amount: number, decimals: number): bigint {
  return BigInt(amount.toFixed(decimals).replace(".", ""));
}

function tokensOf(units: bigint, decimals: number): number {
  return Number(units) / 10 ** decimals;
}
