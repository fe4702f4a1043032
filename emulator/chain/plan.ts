/** Which pools there are, how deep they are, and what each of them should cost. */
import { listingOf } from "../../adapters/venues/synthetic/listing.ts";
import { SyntheticMarket } from "../../adapters/venues/synthetic/market.ts";

export interface PoolPlan {
  version: 2 | 3;
  base: string;
  quote: string;
  feePpm: number;
  /**
   * What it holds of either token in dollars, or as much as if it were spread over all prices: moving the price by one
   * part in a thousand takes about half a thousandth of it.
   */
  depthUsd: number;
}

/** An edge of 30 bps beyond the fee carries some thousands of dollars in each but the one of 0.01 %. */
export const POOL_PLANS: readonly PoolPlan[] = [
  { version: 2, base: "WETH", quote: "USDT", feePpm: 3000, depthUsd: 3e6 },
  { version: 2, base: "WETH", quote: "USDC", feePpm: 3000, depthUsd: 2e6 },
  { version: 2, base: "WBTC", quote: "USDT", feePpm: 3000, depthUsd: 2e6 },
  { version: 3, base: "WETH", quote: "USDT", feePpm: 100, depthUsd: 0.5e6 },
  { version: 3, base: "WETH", quote: "USDT", feePpm: 500, depthUsd: 4e6 },
  { version: 3, base: "WETH", quote: "USDT", feePpm: 3000, depthUsd: 3e6 },
  { version: 3, base: "WETH", quote: "USDC", feePpm: 500, depthUsd: 3e6 },
  { version: 3, base: "WBTC", quote: "USDT", feePpm: 3000, depthUsd: 3e6 },
  { version: 3, base: "WBTC", quote: "WETH", feePpm: 3000, depthUsd: 2e6 },
];

/** Where the market has the price of a token in dollars. */
const DOLLARS: Readonly<Record<string, string>> = { USDT: "USDT", USDC: "USDC" };
const SYMBOLS = ["ETH-USDT", "ETH-USDC", "WBTC-USDT"];

/**
 * What pools should cost at a step of the emulated market: each is a venue of it, and so drifts away from the
 * others now and then as they do.
 */
export class Targets {
  readonly #market: SyntheticMarket;

  constructor(seed: number) {
    this.#market = new SyntheticMarket(seed, SYMBOLS, POOL_PLANS.map(nameOf));
    this.#market.step(0);
  }

  /** Moves on to a step of the emulated market. */
  step(n: number): void {
    this.#market.step(n);
  }

  /** In quote tokens per base token. */
  price(plan: PoolPlan): number {
    const quote = DOLLARS[plan.quote];
    if (quote !== undefined) return this.#middle(plan, `${coinOf(plan.base)}-${quote}`);
    return this.#middle(plan, `${coinOf(plan.base)}-USDT`) / this.#middle(plan, `${coinOf(plan.quote)}-USDT`);
  }

  #middle(plan: PoolPlan, symbol: string): number {
    const cell = this.#market.cell(POOL_PLANS.indexOf(plan), SYMBOLS.indexOf(symbol));
    return (this.#market.bid[cell]! + this.#market.ask[cell]!) / 2;
  }
}

/** `uniswap-v3 WETH-USDT 500`. */
export function nameOf({ version, base, quote, feePpm }: PoolPlan): string {
  return `uniswap-v${version} ${base}-${quote} ${feePpm}`;
}

/** Dollars for one token, around which the market moves. */
export function usualUsd(token: string): number {
  return token in DOLLARS ? 1 : listingOf(`${coinOf(token)}-USDT`).price;
}

/** Wrapping is free and one to one, so WETH is ETH; WBTC is nobody's word but its keeper's, and stays WBTC. */
function coinOf(token: string): string {
  return token === "WETH" ? "ETH" : token;
}
