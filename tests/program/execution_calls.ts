/** The calls by which wallets swap: said here anew, nothing of how the program computes is used. */
import { parseAbi } from "../../emulator/chain/packages/viem.ts";

export type Hex = `0x${string}`;

export const ABI = parseAbi([
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

const FAR_AWAY = 2n ** 40n;
const PLENTY = 2n ** 100n;

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

/** Who calls, and what. */
export interface By {
  account: Hex;
  routers: Readonly<Record<2 | 3, Hex>>;
}

export interface Call {
  to: Hex;
  abi: typeof ABI;
  functionName: string;
  args: readonly unknown[];
}

/** Sells exactly so much of a token. */
export function exactIn(
  { account, routers }: By,
  { version, feePpm }: Market,
  tokenIn: Hex,
  tokenOut: Hex,
  amountIn: bigint,
): Call {
  if (version === 2) {
    const args = [amountIn, 0n, [tokenIn, tokenOut], account, FAR_AWAY] as const;
    return { to: routers[2], abi: ABI, functionName: "swapExactTokensForTokens", args };
  }
  const limits = { amountOutMinimum: 0n, sqrtPriceLimitX96: 0n, deadline: FAR_AWAY };
  const args = [{ tokenIn, tokenOut, fee: feePpm, recipient: account, amountIn, ...limits }] as const;
  return { to: routers[3], abi: ABI, functionName: "exactInputSingle", args };
}

/** Buys exactly so much of a token. */
export function exactOut(
  { account, routers }: By,
  { version, feePpm }: Market,
  tokenIn: Hex,
  tokenOut: Hex,
  amountOut: bigint,
): Call {
  if (version === 2) {
    const args = [amountOut, PLENTY, [tokenIn, tokenOut], account, FAR_AWAY] as const;
    return { to: routers[2], abi: ABI, functionName: "swapTokensForExactTokens", args };
  }
  const limits = { amountInMaximum: PLENTY, sqrtPriceLimitX96: 0n, deadline: FAR_AWAY };
  const args = [{ tokenIn, tokenOut, fee: feePpm, recipient: account, amountOut, ...limits }] as const;
  return { to: routers[3], abi: ABI, functionName: "exactOutputSingle", args };
}

/** To the nearest unit: what is written in decimal digits need not be a double. */
export function unitsOf(amount: number, decimals: number): bigint {
  return BigInt(amount.toFixed(decimals).replace(".", ""));
}

export function tokensOf(units: bigint, decimals: number): number {
  return Number(units) / 10 ** decimals;
}
