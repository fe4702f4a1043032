/** What gas costs on the emulated chain: it is felt on every trade and eats none of them up. */
import { keyOf, smooth } from "../../adapters/venues/synthetic/noise.ts";

const USUAL_GWEI = 1.9;
/** At most so many times the usual, or one part in so many of it: never below the tip of 1 gwei that wallets propose. */
const MOST_TIMES = 1.7;
/** Steps of the market from turn to turn, 20 a second. */
const PERIOD = 600;

/** The base fee at a step of the emulated market, in wei: between 1.1 and 3.3 gwei. */
export function baseFeeWei(seed: number, step: number): bigint {
  const way = smooth(keyOf(seed, "chain", "gas"), step, PERIOD);
  return BigInt(Math.round(USUAL_GWEI * MOST_TIMES ** way * 1e9));
}
