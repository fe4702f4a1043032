/**
 * What a pool is and how it stands. Amounts are in the smallest unit of their token, as the contracts count
 * them; token 0 is the one with the numerically smaller address.
 */

export interface Token {
  /** Lower case, with `0x`. */
  address: string;
  decimals: number;
}

/** Never from a label: all of it is read from the contracts. A pool is the same only on the same chain and address. */
export interface PoolIdentity {
  chainId: number;
  /** Lower case, with `0x`. */
  address: string;
  token0: Token;
  token1: Token;
  /** Of the amount that goes in, in millionths: 3000 is 0.3 %. */
  feePpm: number;
}

export interface V2State {
  reserve0: bigint;
  reserve1: bigint;
}

/**
 * A tick at which positions begin or end. A swap stops there and rounds even where the sum of the changes is zero, so
 * such a tick belongs to the state, too.
 */
export interface InitializedTick {
  index: number;
  /** Liquidity of all positions that begin or end here; the tick is initialized for as long as it is above zero. */
  liquidityGross: bigint;
  /** What is added to the liquidity when the price crosses it upwards. */
  liquidityNet: bigint;
}

export interface V3State {
  /** Square root of the price of token 0 in token 1, in units of 2^-96. */
  sqrtPriceX96: bigint;
  tick: number;
  /** Liquidity in range. */
  liquidity: bigint;
  /** Ticks can be initialized at its multiples. A swap also stops, and rounds, at the ends of each 256 of them. */
  tickSpacing: number;
  /** All initialized ticks from `fromTick` up to and with `toTick`, ascending. What lies outside is not known. */
  ticks: readonly InitializedTick[];
  fromTick: number;
  toTick: number;
}

/** Where a state holds: after the last log of this block. */
export interface BlockRef {
  number: number;
  hash: string;
  /** Seconds since the epoch, of the chain's clock. */
  timestamp: number;
}
