/** An alert in words. */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { amount, bps, price, sides } from "./format.ts";
import { venueName } from "./words.ts";

const MAX_LINES = 3;

/** `found` is not empty and has the best first. */
export function alertWords(
  found: readonly Opportunity[],
  minNetBps: number,
): { title: string; body: string } {
  const [best] = found as readonly [Opportunity];
  if (found.length === 1) {
    const { symbol, netBps, buyExchange, buyPrice, sellExchange, sellPrice, profitQuote } = best;
    return {
      title: `${symbol}: ${bps(netBps)} bps`,
      body:
        `Buy at ${venueName(buyExchange)} for ${price(buyPrice)}, sell at ${venueName(sellExchange)} for ` +
        `${price(sellPrice)}. ${amount(profitQuote)} ${sides(symbol)[1]} after costs`,
    };
  }
  const lines = found.slice(0, MAX_LINES).map(({ symbol, netBps, buyExchange, sellExchange }) =>
    `${symbol} ${bps(netBps)} bps, ${venueName(buyExchange)} to ${venueName(sellExchange)}`
  );
  if (found.length > MAX_LINES) lines.push(`and ${found.length - MAX_LINES} more`);
  return { title: `${found.length} opportunities from ${minNetBps} bps`, body: lines.join("\n") };
}
