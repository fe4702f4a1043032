/** Gate's REST answers. */
import { trimmed } from "./decimal.ts";
import { levels } from "./gateio_streams.ts";
import type { Ladder } from "./ladder.ts";
import type { Listed } from "./server.ts";
import { View } from "./view.ts";

/** `precision` and `amount_precision` are numbers of decimals. */
export function currencyPair({ venueSymbol, base, quote, listing }: Listed): unknown {
  return {
    id: venueSymbol,
    base,
    base_name: base,
    quote,
    quote_name: quote,
    trade_quotes: [],
    fee: "0.2",
    min_base_amount: trimmed(1, listing.sizeDecimals),
    min_quote_amount: "3",
    max_base_amount: "1000000",
    max_quote_amount: "5000000",
    amount_precision: listing.sizeDecimals,
    precision: listing.priceDecimals,
    trade_status: "tradable",
    sell_start: 0,
    buy_start: 0,
    type: "normal",
    trade_url: `https://www.gate.com/trade/${venueSymbol}`,
    st_tag: false,
    up_rate: "0.08",
    down_rate: "0.08",
    slippage: "0.03",
    market_order_max_stock: "65",
    market_order_max_money: "5000000",
  };
}

export function currencies(listed: readonly Listed[]): unknown {
  return [...new Set(listed.flatMap(({ base, quote }) => [base, quote]))].map((currency) => ({
    currency,
    name: currency,
    delisted: false,
    withdraw_disabled: false,
    withdraw_delayed: false,
    deposit_disabled: false,
    trade_disabled: false,
    chain: currency,
    chains: [],
  }));
}

/** `id` comes only with `with_id=true`; 10 levels unless `limit` says more. */
export function orderBook(item: Listed, ladder: Ladder, query: URLSearchParams, now: number): unknown {
  const limit = Math.min(1000, Math.max(1, Number(query.get("limit") ?? 10) || 10));
  const view = new View(ladder, limit);
  view.read();
  return {
    ...(query.get("with_id") === "true" ? { id: view.sequence } : {}),
    current: Math.floor(now),
    update: Math.floor(now) - 4,
    asks: JSON.parse(levels(view.asks, item)),
    bids: JSON.parse(levels(view.bids, item)),
  };
}
