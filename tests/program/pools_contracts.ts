/**
 * What the contracts of the emulated chain say that a quote of a pool should be, after the very block that it
 * names.
 */
import assert from "node:assert/strict";
import type { Quote } from "../../core/domain/quote.ts";
import { createPublicClient, http, parseAbi } from "../../emulator/chain/packages/viem.ts";
import type { EmulatedConfig } from "./emulated.ts";
import type { Exchanges } from "./exchanges.ts";
import type { Program } from "./program.ts";

type Hex = `0x${string}`;

const ABI = parseAbi([
  "function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[])",
  "struct Ask { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }",
  "function quoteExactInputSingle(Ask params) returns (uint256, uint160, uint32, uint256)",
  "function decimals() view returns (uint8)",
]);

/** Amounts are whole units of a token, and what is shown of them has fifteen digits. */
const OFF = { units: 2, share: 1e-12 };

interface Token {
  address: Hex;
  decimals: number;
}

/** What pools quote for a symbol now. */
export async function poolQuotes(program: Program, symbol: string): Promise<Quote[]> {
  return (await program.quotes(symbol)).filter(({ pool, fresh }) => pool !== undefined && fresh);
}

export class Contracts {
  readonly #client: ReturnType<typeof createPublicClient>;
  readonly #router: Hex;
  readonly #quoter: Hex;
  readonly #tokens: ReadonlyMap<string, Token>;

  private constructor(
    client: ReturnType<typeof createPublicClient>,
    router: Hex,
    quoter: Hex,
    tokens: ReadonlyMap<string, Token>,
  ) {
    this.#client = client;
    this.#router = router;
    this.#quoter = quoter;
    this.#tokens = tokens;
  }

  static async of(exchanges: Exchanges, config: EmulatedConfig): Promise<Contracts> {
    const url = `http://127.0.0.1:${exchanges.ports.chain}`;
    const client = createPublicClient({ transport: http(url), cacheTime: 0 });
    const { routers, quoter } = await exchanges.control<{ routers: { v2: Hex }; quoter: Hex }>(
      "GET",
      "/chain",
    );
    const tokens = await Promise.all(
      Object.entries(config.chains["31337"]!.tokens).map(async ([asset, address]) => {
        const read = { abi: ABI, address: address as Hex, functionName: "decimals" } as const;
        return [asset, { address: read.address, decimals: await client.readContract(read) }] as const;
      }),
    );
    return new Contracts(client, routers.v2, quoter, new Map(tokens));
  }

  async blockNumber(): Promise<number> {
    return Number(await this.#client.getBlockNumber());
  }

  /** Fails where a quote is not what its pool pays after its block, on either side. */
  async verify(quote: Quote): Promise<void> {
    const { symbol, bid, bidSize, ask, askSize } = quote;
    const [base, quoted] = symbol.split("-").map((asset) => this.#tokens.get(asset)!) as [Token, Token];
    await this.#pays(quote, base, bidSize!, quoted, bid! * bidSize!);
    await this.#pays(quote, quoted, ask! * askSize!, base, askSize!);
  }

  async #pays(quote: Quote, from: Token, given: number, to: Token, got: number): Promise<void> {
    const amountIn = BigInt(Math.round(given * 10 ** from.decimals));
    const { feePpm, blockNumber } = quote.pool!;
    const read = { abi: ABI, blockNumber: BigInt(blockNumber) } as const;
    let amountOut: bigint;
    if (quote.exchange === "uniswap-v2") {
      const args = [amountIn, [from.address, to.address]] as const;
      const call = { ...read, address: this.#router, functionName: "getAmountsOut", args } as const;
      amountOut = (await this.#client.readContract(call))[1]!;
    } else {
      const ask = {
        tokenIn: from.address,
        tokenOut: to.address,
        amountIn,
        fee: feePpm,
        sqrtPriceLimitX96: 0n,
      };
      const call = {
        ...read,
        address: this.#quoter,
        functionName: "quoteExactInputSingle",
        args: [ask],
      } as const;
      amountOut = (await this.#client.simulateContract(call)).result[0];
    }
    const off = Math.abs(got * 10 ** to.decimals - Number(amountOut));
    assert.ok(
      off <= OFF.units + OFF.share * Number(amountOut),
      `Off by ${off} of ${amountOut}: ${JSON.stringify(quote)}`,
    );
  }
}
