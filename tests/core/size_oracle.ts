/** The best size of a route by search: what it pays is worked out anew for each size that is tried. */

export interface OracleLeg {
  /** Price and size. */
  steps: readonly (readonly [number, number])[];
  /** Taker fee, as a share. */
  fee: number;
  gas: number;
  /** Price before any size, and the share of what goes in that is kept. */
  mid: number;
  keeps: number;
}

/** A decision is not left to floats where it would be another one this close by. */
const NEAR_BPS = 1e-6;
const NEAR = 1e-9;

/**
 * Figures of the size that leaves the most at `netBps` or more, undefined where there is none; `ambiguous`
 * where floats may fall to either side, or where two sizes leave the same.
 */
export function bestSize(buy: OracleLeg, sell: OracleLeg, netBps: number) {
  const enough = (size: number, least: number) => {
    const { profit, cost } = worth(buy, sell, size);
    return profit >= least / 10_000 * cost;
  };
  const ends = [...endsOf(buy), ...endsOf(sell)].sort((a, b) => a - b)
    .filter((size) => size <= Math.min(endsOf(buy).at(-1)!, endsOf(sell).at(-1)!));
  const candidates = (least: number) => {
    const sizes: number[] = [];
    for (const [at, end] of ends.entries()) {
      const begin = at === 0 ? 1e-12 : ends[at - 1]!;
      if (enough(begin, least)) sizes.push(begin);
      if (enough(end, least)) sizes.push(end);
      if (enough(begin, least) !== enough(end, least)) {
        sizes.push(passing(begin, end, (size) => enough(size, least)));
      }
    }
    return sizes;
  };
  const sizes = candidates(netBps);
  if ((candidates(netBps - NEAR_BPS).length > 0) !== (candidates(netBps + NEAR_BPS).length > 0)) {
    return "ambiguous";
  }
  if (sizes.length === 0) return undefined;
  const profits = sizes.map((size) => worth(buy, sell, size).profit);
  const most = Math.max(...profits);
  const best = sizes.filter((_, at) => profits[at]! > most - NEAR);
  if (Math.max(...best) - Math.min(...best) > 1e-6) return "ambiguous";
  return figures(buy, sell, sizes[profits.indexOf(most)]!);
}

function figures(buy: OracleLeg, sell: OracleLeg, size: number) {
  const { paid, got, cost, profit } = worth(buy, sell, size);
  return {
    buyPrice: paid / size,
    sellPrice: got / size,
    sizeBase: size,
    notionalQuote: paid,
    grossBps: (sell.mid - buy.mid) * size / paid * 10_000,
    netBps: profit / cost * 10_000,
    feesQuote: paid * (buy.fee + buy.keeps) + got * sell.fee + size * sell.keeps * sell.mid,
    // What is paid beyond the middle and the fee that is kept, and what is missing below it.
    impactQuote: paid * (1 - buy.keeps) - size * buy.mid + size * sell.mid * (1 - sell.keeps) - got,
    gasQuote: buy.gas + sell.gas,
    profitQuote: profit,
  };
}

function worth(buy: OracleLeg, sell: OracleLeg, size: number) {
  const [paid, got] = [walk(buy, size), walk(sell, size)];
  const cost = paid * (1 + buy.fee);
  return { paid, got, cost, profit: got * (1 - sell.fee) - cost - buy.gas - sell.gas };
}

function walk({ steps }: OracleLeg, size: number): number {
  let left = size;
  let quote = 0;
  for (const [price, most] of steps) {
    const part = Math.min(left, most);
    quote += part * price;
    left -= part;
  }
  return quote;
}

function endsOf({ steps }: OracleLeg): number[] {
  let size = 0;
  return steps.map(([, more]) => size += more);
}

/** The last size, from the one end that is enough towards the other, that still is. */
function passing(begin: number, end: number, enough: (size: number) => boolean): number {
  let [good, bad] = enough(begin) ? [begin, end] : [end, begin];
  for (let halving = 0; halving < 80; halving++) {
    const middle = (good + bad) / 2;
    if (enough(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
