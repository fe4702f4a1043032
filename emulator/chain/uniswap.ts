/**
 * The real Uniswap v2 and v3 on a chain of one's own, with tokens that have their true decimals. On a new chain the
 * addresses are always the same: they follow from who deploys, and in which order.
 */
import { type Artifact, ERC20, V2_FACTORY, V2_PAIR, V2_ROUTER, WETH9 } from "./contracts.ts";
import { V3_FACTORY, V3_POOL, V3_POSITIONS, V3_QUOTER, V3_ROUTER } from "./contracts.ts";
import { encodeAbiParameters, keccak256, numberToHex } from "./packages/viem.ts";
import type { Chain, Contract, Hex } from "./chain.ts";
import { mintV2 } from "./trade.ts";

export interface ChainToken extends Contract {
  symbol: string;
  decimals: number;
  /** Where it keeps its mapping of balances. */
  balancesSlot: bigint;
}

/** A pool of either version; token 0 is the one with the smaller address. */
export interface Pool extends Contract {
  version: 2 | 3;
  token0: ChainToken;
  token1: ChainToken;
  feePpm: number;
  tickSpacing: number;
}

/** Where the ERC-20 keeps its decimals. */
const DECIMALS_SLOT = numberToHex(5, { size: 32 });
const SUPPLY = 2n ** 200n;
const MAX = 2n ** 256n - 1n;
const NOBODY = numberToHex(0, { size: 20 });
const TICK_SPACINGS: Record<number, number> = { 100: 1, 500: 10, 3000: 60, 10000: 200 };

export class Uniswap {
  readonly chain: Chain;
  readonly tokens = new Map<string, ChainToken>();
  readonly pools: Pool[] = [];
  v2Factory!: Contract;
  v2Router!: Contract;
  v3Factory!: Contract;
  positions!: Contract;
  router!: Contract;
  quoter!: Contract;

  private constructor(chain: Chain) {
    this.chain = chain;
  }

  /** Deploys everything but pools; the fee of 0.01 % is enabled as it is on the main chain. */
  static async deploy(chain: Chain): Promise<Uniswap> {
    const uniswap = new Uniswap(chain);
    await uniswap.#deployToken("WETH", 18, WETH9, 3n);
    for (const [symbol, decimals] of [["USDC", 6], ["USDT", 6], ["WBTC", 8]] as const) {
      await uniswap.#deployToken(symbol, decimals, ERC20, 0n);
    }
    const weth = uniswap.token("WETH").address;
    uniswap.v2Factory = await chain.deploy(V2_FACTORY, [chain.account]);
    uniswap.v2Router = await chain.deploy(V2_ROUTER, [uniswap.v2Factory.address, weth]);
    uniswap.v3Factory = await chain.deploy(V3_FACTORY);
    await chain.send(uniswap.v3Factory, "enableFeeAmount", [100, 1]);
    const factory = uniswap.v3Factory.address;
    uniswap.positions = await chain.deploy(V3_POSITIONS, [factory, weth, NOBODY]);
    uniswap.router = await chain.deploy(V3_ROUTER, [factory, weth]);
    uniswap.quoter = await chain.deploy(V3_QUOTER, [factory, weth]);
    for (const token of uniswap.tokens.values()) {
      for (const spender of [uniswap.positions, uniswap.router, uniswap.v2Router]) {
        await chain.send(token, "approve", [spender.address, MAX]);
      }
    }
    return uniswap;
  }

  async #deployToken(symbol: string, decimals: number, artifact: Artifact, slot: bigint): Promise<void> {
    const { account, client } = this.chain;
    const args = artifact === ERC20 ? [symbol, symbol, 0n, account] : [];
    const contract = await this.chain.deploy(artifact, args);
    const token: ChainToken = { ...contract, symbol, decimals, balancesSlot: slot };
    const put = (index: Hex, value: bigint | number) =>
      client.setStorageAt({ address: token.address, index, value: numberToHex(value, { size: 32 }) });
    // More than anybody could wrap.
    await put(balanceSlot(token, account), SUPPLY);
    // The ERC-20 has 18 and no way to say otherwise.
    if (artifact === ERC20) await put(DECIMALS_SLOT, decimals);
    const says = await this.chain.call<number>(token, "decimals");
    if (says !== decimals) throw new Error(`${symbol} has ${says} decimals and should have ${decimals}`);
    this.tokens.set(symbol, token);
  }

  token(symbol: string): ChainToken {
    const token = this.tokens.get(symbol);
    if (token === undefined) throw new Error(`There is no token ${symbol}`);
    return token;
  }

  /** Two tokens in the order of their addresses. */
  #sorted(a: string, b: string): { token0: ChainToken; token1: ChainToken } {
    const [one, two] = [this.token(a), this.token(b)];
    const less = BigInt(one.address) < BigInt(two.address);
    return less ? { token0: one, token1: two } : { token0: two, token1: one };
  }

  /** A v2 pool with so much of each token in it (smallest units). */
  async createV2(a: string, amountA: bigint, b: string, amountB: bigint): Promise<Pool> {
    const { chain, v2Factory } = this;
    const { token0, token1 } = this.#sorted(a, b);
    await chain.send(v2Factory, "createPair", [token0.address, token1.address]);
    const address = await chain.call<Hex>(v2Factory, "getPair", [token0.address, token1.address]);
    const pool: Pool = {
      ...{ address: address.toLowerCase() as Hex, abi: V2_PAIR.abi },
      ...{ version: 2, token0, token1, feePpm: 3000, tickSpacing: 0 },
    };
    const [amount0, amount1] = token0.symbol === a ? [amountA, amountB] : [amountB, amountA];
    await mintV2(chain, pool, amount0, amount1);
    this.pools.push(pool);
    return pool;
  }

  /** An empty v3 pool; `startOf` says at which square root of its price, in units of 2^-96. */
  async createV3(
    a: string,
    b: string,
    feePpm: number,
    startOf: (token0: ChainToken, token1: ChainToken) => bigint,
  ): Promise<Pool> {
    const { chain, positions, v3Factory } = this;
    const { token0, token1 } = this.#sorted(a, b);
    const pair = [token0.address, token1.address, feePpm];
    await chain.send(positions, "createAndInitializePoolIfNecessary", [...pair, startOf(token0, token1)]);
    const address = (await chain.call<Hex>(v3Factory, "getPool", pair)).toLowerCase() as Hex;
    const tickSpacing = TICK_SPACINGS[feePpm]!;
    const pool: Pool = { address, abi: V3_POOL.abi, version: 3, token0, token1, feePpm, tickSpacing };
    this.pools.push(pool);
    return pool;
  }
}

/** Where a token keeps what somebody has (Solidity's layout of a mapping). */
export function balanceSlot({ balancesSlot }: ChainToken, owner: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [owner, balancesSlot]));
}
