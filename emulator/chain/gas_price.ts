/** What gas costs on the emulated chain: it is felt on every trade and eats none of them up. */
import { keyOf, smooth } from "../../adapters/venues/synthetic/noise.ts";

const USUAL_GWEI = 1.5;
/** At most so many times the usual, or one part in so many of it. */
const MOST_TIMES = 2;
/** Steps of the market from turn to turn, 20 a second. */
const PERIOD = 600;

/** The price of gas at a step of the emulated market, in wei: between 0.75 and 3 gwei. */
export function gasPriceWei(seed: number, step: number): bigint {
  const way = smooth(keyOf(seed, "chain", "gas"), step, PERIOD);
  return BigInt(Math.round(USUAL_GWEI * MOST_TIMES ** way * 1e9));
}
