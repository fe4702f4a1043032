/**
 * The domain as the API and the streams show it in JSON: whole milliseconds, and exactly the documented fields. Every
 * transport that speaks JSON goes through here, so that all of them say the same.
 */
import type { Opportunity } from "../domain/opportunity.ts";
import type { Quote } from "../domain/quote.ts";
import type { StreamClosed } from "./stream/filter.ts";

export function quoteJson(quote: Quote): Quote {
  return {
    exchange: quote.exchange,
    symbol: quote.symbol,
    bid: quote.bid,
    bidSize: quote.bidSize,
    ask: quote.ask,
    askSize: quote.askSize,
    price: quote.price,
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
    notionalQuote: one.notionalQuote,
    grossBps: one.grossBps,
    netBps: one.netBps,
    profitQuote: one.profitQuote,
    openedAt: Math.round(one.openedAt),
    updatedAt: Math.round(one.updatedAt),
  };
}

export function closedJson(one: StreamClosed): StreamClosed {
  return { ...opportunityJson(one), closedAt: Math.round(one.closedAt), reason: one.reason };
}
