/** A symbol as one venue lists it. */
export interface Instrument {
  /** Canonical symbol, `BTC-USDT`. */
  symbol: string;
  /** The venue's own name for it on its socket, `BTCUSDT`, `BTC_USDT`, `BTC/USD`. */
  venueSymbol: string;
  /** Smallest price step in quote currency; null where the list does not say. */
  tickSize: number | null;
  /** Smallest size step in base; null where the list does not say. */
  lotSize: number | null;
  /** Smallest order in base; null where the list does not say. */
  minSizeBase: number | null;
  /** Smallest order in quote currency; null where the list does not say. */
  minNotionalQuote: number | null;
  /** True while the venue takes orders of both sides on it. */
  tradable: boolean;
}
