/** What a made-up instrument costs and how finely it is priced. */
import { keyOf, uniform } from "./noise.ts";

export interface Listing {
  symbol: string;
  /** The price that the market moves around, in quote currency. */
  price: number;
  /** Price step, a power of ten: `10 ** -priceDecimals`. */
  tickSize: number;
  /** Decimals that print every price exactly. */
  priceDecimals: number;
  /** Size step in base, a power of ten: `10 ** -sizeDecimals`. */
  lotSize: number;
  /** Decimals that print every size exactly. */
  sizeDecimals: number;
}

/** Roughly what these cost in dollars, with the decimals that exchanges use for them against dollars. */
const KNOWN: Readonly<Record<string, readonly [usd: number, decimals: number]>> = {
  BTC: [67_000, 1],
  ETH: [3_500, 2],
  SOL: [165, 2],
  XRP: [0.58, 4],
  DOGE: [0.125, 5],
  TON: [5.6, 3],
  ADA: [0.46, 4],
  LTC: [82, 2],
  LINK: [14.5, 3],
  AVAX: [29, 2],
  BNB: [590, 1],
  DOT: [6.4, 3],
  TRX: [0.16, 5],
  EUR: [1.08, 4],
  WBTC: [67_000, 1],
};

const DOLLARS: ReadonlySet<string> = new Set(["USD", "USDT", "USDC", "DAI", "FDUSD"]);

/** Coins that stand for another, one to one. */
const STAND_FOR: Readonly<Record<string, string>> = { WBTC: "BTC" };

/** Symbols with the same answer move together: what stands for a coin costs what the coin does, and dollars are dollars. */
export function fairSymbolOf(symbol: string): string {
  const [base = "", quote = ""] = symbol.split("-");
  return `${STAND_FOR[base] ?? base}-${DOLLARS.has(quote) ? "USDT" : quote}`;
}

/** Dollars for one; an asset that is not known gets a price between 0.001 and 1,000 from its name. */
function usd(asset: string): number {
  if (DOLLARS.has(asset)) return 1;
  return KNOWN[asset]?.[0] ?? 10 ** (uniform(keyOf(0, asset), 0) * 6 - 3);
}

/** The listing of a canonical symbol, known or not; the same for every seed. */
export function listingOf(symbol: string): Listing {
  const [base = "", quote = ""] = symbol.split("-");
  const price = usd(base) / usd(quote);
  const magnitude = Math.floor(Math.log10(price));
  const usual = DOLLARS.has(quote) ? KNOWN[base]?.[1] : undefined;
  const priceDecimals = usual ?? clamp(4 - magnitude, 0, 12);
  // A lot is worth about a dollar or less.
  const sizeDecimals = clamp(1 + Math.floor(Math.log10(usd(base))), 0, 8);
  return {
    symbol,
    price,
    tickSize: 1 / 10 ** priceDecimals,
    priceDecimals,
    lotSize: 1 / 10 ** sizeDecimals,
    sizeDecimals,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
