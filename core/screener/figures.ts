/**
 * What a route is worth: what becomes of the difference of two prices, fees, impact, gas, and what is left.
 *
 * A pool keeps its fee of what goes in: quote currency where base is bought, base where base is sold, which
 * counts at the price before the sale. Impact is what is not explained by anything else, so that gross less
 * all costs is the profit.
 */
import { BPS } from "../domain/edge.ts";
import type { Figures } from "./episodes.ts";
import type { Fill } from "./fill.ts";
import type { RouteLeg } from "./legs.ts";

/** Less than this share of the notional is what is left of rounding, not an impact. */
const ROUNDING = 1e-12;

/** What filling the two legs of a route is worth. */
export function figuresOf(
  symbol: string,
  fill: Fill,
  buy: RouteLeg,
  sell: RouteLeg,
  now: number,
): Figures {
  const { sizeBase, paidQuote, receivedQuote, profitQuote, netBps } = fill;
  const buyPrice = buy.meanPrice(paidQuote, sizeBase);
  const notionalQuote = sizeBase * buyPrice;
  const grossQuote = sizeBase * (sell.mid - buy.mid);
  const takerFees = fill.costQuote - paidQuote + receivedQuote - fill.proceedsQuote;
  const feesQuote = takerFees + buy.keeps * paidQuote + sell.keeps * sizeBase * sell.mid;
  const gasQuote = buy.fixedCostQuote + sell.fixedCostQuote;
  const impactQuote = grossQuote - feesQuote - gasQuote - profitQuote;
  return {
    symbol,
    buyExchange: buy.exchange,
    sellExchange: sell.exchange,
    buyPrice,
    sellPrice: sell.meanPrice(receivedQuote, sizeBase),
    sizeBase,
    notionalQuote,
    grossBps: grossQuote / notionalQuote * BPS,
    netBps,
    feesQuote,
    impactQuote: Math.abs(impactQuote) < ROUNDING * notionalQuote ? 0 : impactQuote,
    gasQuote,
    profitQuote,
    updatedAt: now,
  };
}
