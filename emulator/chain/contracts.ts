/** The contracts as Uniswap published them, compiled: what they are deployed from and called by. */
import * as artifacts from "./packages/uniswap.ts";
import type { Abi } from "./packages/viem.ts";

export interface Artifact {
  abi: Abi;
  bytecode: `0x${string}`;
}

export const ERC20: Artifact = artifact(artifacts.erc20);
export const V2_FACTORY: Artifact = artifact(artifacts.v2Factory);
export const V2_PAIR: Artifact = artifact(artifacts.v2Pair);
export const V2_ROUTER: Artifact = artifact(artifacts.v2Router);
export const WETH9: Artifact = artifact(artifacts.weth9);
export const V3_FACTORY: Artifact = artifact(artifacts.v3Factory);
export const V3_POOL: Artifact = artifact(artifacts.v3Pool);
/** Makes pools and positions in them. */
export const V3_POSITIONS: Artifact = artifact(artifacts.positions);
export const V3_ROUTER: Artifact = artifact(artifacts.swapRouter);
export const V3_QUOTER: Artifact = artifact(artifacts.quoterV2);

/** Some compilers leave out the `0x`. */
function artifact({ abi, bytecode }: { abi: unknown; bytecode: string }): Artifact {
  return { abi: abi as Abi, bytecode: `0x${bytecode.replace(/^0x/, "")}` };
}
