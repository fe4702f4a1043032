/**
 * Rungs of a pool as the core's ladder, whose steps a book has as levels: sizes in base and prices in quote
 * per base. Within a step the pool pays a little more than its price says, never less, since its curve bends
 * towards the worse.
 */
import type { Ladder } from "../../../core/domain/ladder.ts";
import type { Rung } from "./ladder.ts";
import type { Token } from "./pool.ts";

/** What is got for selling base: the rungs are those of base going in. */
export function sellSteps(rungs: readonly Rung[], base: Token, quote: Token): Ladder {
  return stepsOf(worsening(rungs), (step) => step.amountIn, (step) => step.amountOut, base, quote);
}

/** What is paid for buying base: the rungs are those of quote going in. */
export function buySteps(rungs: readonly Rung[], base: Token, quote: Token): Ladder {
  return stepsOf(worsening(rungs), (step) => step.amountOut, (step) => step.amountIn, base, quote);
}

function stepsOf(
  steps: readonly Rung[],
  ofBase: (step: Rung) => bigint,
  ofQuote: (step: Rung) => bigint,
  base: Token,
  quote: Token,
): Ladder {
  const shift = base.decimals - quote.decimals;
  const prices: number[] = [];
  const sizes: number[] = [];
  for (const step of steps) {
    const units = Number(ofQuote(step)) / Number(ofBase(step));
    prices.push(shift >= 0 ? units * 10 ** shift : units / 10 ** -shift);
    sizes.push(Number(ofBase(step)) / 10 ** base.decimals);
  }
  return { prices, sizes, length: sizes.length };
}

/**
 * What each rung adds to the one before. Amounts are rounded down, so dust may pay nothing and the next rung
 * makes up for it: steps that do not get worse become one, whose ends are as exact as before.
 */
function worsening(rungs: readonly Rung[]): Rung[] {
  const steps: Rung[] = [];
  let last: Rung = { amountIn: 0n, amountOut: 0n };
  for (const rung of rungs) {
    let step = { amountIn: rung.amountIn - last.amountIn, amountOut: rung.amountOut - last.amountOut };
    last = rung;
    for (let before = steps.at(-1); before !== undefined; before = steps.at(-1)) {
      if (before.amountOut * step.amountIn > step.amountOut * before.amountIn) break;
      step = {
        amountIn: before.amountIn + step.amountIn,
        amountOut: before.amountOut + step.amountOut,
      };
      steps.pop();
    }
    steps.push(step);
  }
  // Only a pool that pays nothing at all has nothing in the first step, and only the last may add nothing.
  return steps.filter(({ amountOut }) => amountOut > 0n);
}
