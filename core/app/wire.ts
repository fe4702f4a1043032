/**
 * The domain as the API and the streams show it in JSON: whole milliseconds, computed figures without the noise of
 * binary fractions, and exactly the documented fields. Every transport that speaks JSON goes through here, so that all
 * of them say the same.
 */
import type { Opportunity } from "../domain/opportunity.ts";
import type { Quote } from "../domain/quote.ts";
import type { StreamClosed } from "./stream/filter.ts";

/** 12 significant digits: `65738.95000000001`, a middle of two prices, is `65738.95`. */
function figure(value: number): number {
  return Number(value.toPrecision(12));
}

export function quoteJson(quote: Quote): Quote {
  return {
    exchange: quote.exchange,
    symbol: quote.symbol,
    bid: quote.bid,
    bidSize: quote.bidSize,
    ask: quote.ask,
    askSize: quote.askSize,
    price: quote.price === null ? null : figure(quote.price),
    exchangeTime: quote.exchangeTime === null ? null : Math.round(quote.exchangeTime),
    receivedTime: Math.round(quote.receivedTime),
    fresh: quote.fresh,
  };
}

export function opportunityJson(one: Opportunity): Opportunity {
  return {
    id: one.id,
    symbol: one.symbol,
    buyExchange: one.buyExchange,
    sellExchange: one.sellExchange,
    buyPrice: one.buyPrice,
    sellPrice: one.sellPrice,
    sizeBase: one.sizeBase,
    notionalQuote: figure(one.notionalQuote),
    grossBps: figure(one.grossBps),
    netBps: figure(one.netBps),
    profitQuote: figure(one.profitQuote),
    openedAt: Math.round(one.openedAt),
    updatedAt: Math.round(one.updatedAt),
  };
}

export function closedJson(one: StreamClosed): StreamClosed {
  return { ...opportunityJson(one), closedAt: Math.round(one.closedAt), reason: one.reason };
}
