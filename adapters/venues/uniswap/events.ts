/** What pools say in their logs. Amounts are in the smallest unit of their token. */

/** Reserves after the transaction's step; everything that moves a v2 pool says so. */
export interface V2Sync {
  kind: "v2_sync";
  reserve0: bigint;
  reserve1: bigint;
}

export interface V2Swap {
  kind: "v2_swap";
  amount0In: bigint;
  amount1In: bigint;
  amount0Out: bigint;
  amount1Out: bigint;
}

export interface V3Initialize {
  kind: "v3_initialize";
  sqrtPriceX96: bigint;
  tick: number;
}

export interface V3SwapLog {
  kind: "v3_swap";
  /** Above zero: paid into the pool, fee included; below zero: paid out. */
  amount0: bigint;
  amount1: bigint;
  /** These three as they are after the swap. */
  sqrtPriceX96: bigint;
  liquidity: bigint;
  tick: number;
}

/** A position of `liquidity` over the ticks from `tickLower` to below `tickUpper` that grows, or shrinks. */
export interface V3Position {
  kind: "v3_mint" | "v3_burn";
  tickLower: number;
  tickUpper: number;
  liquidity: bigint;
}

export type V2Event = V2Sync | V2Swap;
export type V3Event = V3Initialize | V3SwapLog | V3Position;
export type PoolEvent = V2Event | V3Event | { kind: "other" } | { kind: "malformed"; reason: string };
