/**
 * What the screener should say, worked out the slow and plain way: a Map of quotes, the routes looked at
 * again after each change. Between books, edges are exact fractions of whole numbers. With pools, the size is
 * searched: every end of a step, and where the edge passes the threshold between two of them.
 */
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { bestSize, type OracleLeg } from "./size_oracle.ts";

/** Prices and sizes in hundredths; null where there is none. */
export interface OracleQuote {
  state: QuoteState;
  bid: number | null;
  bidSize: number | null;
  ask: number | null;
  askSize: number | null;
  /** Of a pool; its first steps are the quote's bid and ask. */
  pool?: OraclePool;
}

export interface OraclePool {
  mid: number;
  feePpm: number;
  /** Hundred-thousandths of the native coin. */
  gas: number | null;
  buy: Steps;
  sell: Steps;
}
/** Price and size. */
export type Steps = readonly (readonly [number, number])[];

export interface OracleOpportunity {
  symbol: number;
  buyer: number;
  seller: number;
  buyPrice: number;
  sellPrice: number;
  sizeBase: number;
  notionalQuote: number;
  grossBps: number;
  netBps: number;
  feesQuote: number;
  impactQuote: number;
  gasQuote: number;
  profitQuote: number;
  openedAt: number;
  updatedAt: number;
}

export interface OracleSettings {
  exchanges: number;
  symbols: readonly string[];
  /** Whole basis points, by exchange. */
  fees: readonly number[];
  minNetBps: number;
  hysteresisBps: number;
  /** What gas is paid in. */
  nativeAsset: string;
}

export interface Closing {
  route: string;
  reason: CloseReason;
  /** What it was before it closed. */
  last: OracleOpportunity;
}

/** Which routes are looked at: those of a symbol that touch an exchange. */
type Touched = (symbol: number, buyer: number, seller: number) => boolean;

export class Oracle {
  readonly open = new Map<string, OracleOpportunity>();
  readonly #quotes = new Map<string, OracleQuote>();
  /** True once a decision was so close that floats may fall to either side of it. */
  ambiguous = false;

  constructor(private readonly settings: OracleSettings) {}

  /** The closings and the routes that opened or changed. */
  tick(exchange: number, symbol: number, quote: OracleQuote, now: number) {
    const before = this.#knownPrices();
    this.#quotes.set(`${exchange} ${symbol}`, quote);
    return this.#look(
      now,
      before,
      (one, buyer, seller) => one === symbol && (buyer === exchange || seller === exchange),
      () => undefined,
    );
  }

  withdraw(exchange: number, reason: CloseReason, now: number) {
    const before = this.#knownPrices();
    for (let symbol = 0; symbol < this.settings.symbols.length; symbol++) {
      this.#quotes.delete(`${exchange} ${symbol}`);
    }
    const touched: Touched = (_, buyer, seller) => buyer === exchange || seller === exchange;
    return this.#look(now, before, touched, (...route) => touched(0, ...route) ? reason : undefined);
  }

  #look(
    now: number,
    before: boolean[],
    touched: Touched,
    given: (buyer: number, seller: number) => CloseReason | undefined,
  ) {
    const closed: Closing[] = [];
    const changed: string[] = [];
    const { exchanges, symbols } = this.settings;
    // Where gas becomes known or unknown, all that pays it is looked at.
    const known = this.#knownPrices();
    for (let symbol = 0; symbol < symbols.length; symbol++) {
      for (let buyer = 0; buyer < exchanges; buyer++) {
        for (let seller = 0; seller < exchanges; seller++) {
          if (buyer === seller) continue;
          const paysGas = [buyer, seller].some((leg) => this.#quotes.get(`${leg} ${symbol}`)?.pool);
          const turned = paysGas && known[symbol] !== before[symbol];
          if (!touched(symbol, buyer, seller) && !turned) continue;
          const route = `${symbol} ${buyer} ${seller}`;
          const open = this.open.get(route);
          const found = this.#evaluate(symbol, buyer, seller, open !== undefined, now);
          if (typeof found === "string") {
            if (open === undefined) continue;
            closed.push({ route, reason: given(buyer, seller) ?? found, last: open });
            this.open.delete(route);
          } else if (open === undefined || differs(open, found)) {
            this.open.set(route, { ...found, openedAt: open?.openedAt ?? now });
            changed.push(route);
          }
        }
      }
    }
    return { closed, changed };
  }

  #evaluate(
    symbol: number,
    buyer: number,
    seller: number,
    open: boolean,
    now: number,
  ): OracleOpportunity | CloseReason {
    const buy = this.#quotes.get(`${buyer} ${symbol}`);
    const sell = this.#quotes.get(`${seller} ${symbol}`);
    const legs = [buy, sell];
    if (legs.some((leg) => leg === undefined || leg.state === QuoteState.withdrawn)) return "leg_withdrawn";
    if (legs.some((leg) => leg!.state === QuoteState.stale)) return "leg_stale";
    const { ask, askSize } = buy!;
    const { bid, bidSize } = sell!;
    if (ask === null || bid === null) return "leg_withdrawn";
    if (!askSize || !bidSize) return "size_unknown";
    const figures = buy!.pool === undefined && sell!.pool === undefined
      ? this.#ofBooks({ ask, askSize, bid, bidSize }, buyer, seller, open)
      : this.#ofPools(symbol, buy!, sell!, buyer, seller, open);
    return typeof figures === "string"
      ? figures
      : { symbol, buyer, seller, ...figures, openedAt: now, updatedAt: now };
  }

  #ofBooks(
    { ask, askSize, bid, bidSize }: Record<"ask" | "askSize" | "bid" | "bidSize", number>,
    buyer: number,
    seller: number,
    open: boolean,
  ) {
    const { fees, minNetBps, hysteresisBps } = this.settings;
    const cost = BigInt(ask) * BigInt(10_000 + fees[buyer]!);
    const proceeds = BigInt(bid) * BigInt(10_000 - fees[seller]!);
    const netBps = ratioBps(proceeds, cost);
    for (const threshold of [minNetBps, minNetBps - hysteresisBps]) {
      if (Math.abs(netBps - threshold) < 1e-6) this.ambiguous = true;
    }
    if (netBps < (open ? minNetBps - hysteresisBps : minNetBps)) return "below_threshold";
    const size = Math.min(askSize, bidSize);
    return {
      buyPrice: ask / 100,
      sellPrice: bid / 100,
      sizeBase: size / 100,
      notionalQuote: size * ask / 10_000,
      grossBps: ratioBps(BigInt(bid), BigInt(ask)),
      netBps,
      feesQuote: size * (ask * fees[buyer]! + bid * fees[seller]!) / 1e8,
      impactQuote: 0,
      gasQuote: 0,
      // Hundredths of a price times ten thousandths of a fee times hundredths of a size.
      profitQuote: Number(proceeds - cost) * size / 1e8,
    };
  }

  #ofPools(
    symbol: number,
    buy: OracleQuote,
    sell: OracleQuote,
    buyer: number,
    seller: number,
    open: boolean,
  ) {
    const { fees, minNetBps, hysteresisBps } = this.settings;
    const nativePrice = this.#nativePrice(symbol);
    const leg = (quote: OracleQuote, side: "buy" | "sell", exchange: number): OracleLeg | undefined => {
      const { pool } = quote;
      const top = side === "buy"
        ? [quote.ask!, quote.askSize!] as const
        : [quote.bid!, quote.bidSize!] as const;
      const steps = (pool?.[side] ?? [top]).map(([price, size]) => [price / 100, size / 100] as const);
      const fee = fees[exchange]! / 10_000;
      if (pool === undefined) return { steps, fee, gas: 0, mid: top[0] / 100, keeps: 0 };
      if (nativePrice === undefined || pool.gas === null) return undefined;
      return { steps, fee, gas: pool.gas / 1e5 * nativePrice, mid: pool.mid / 100, keeps: pool.feePpm / 1e6 };
    };
    const [bought, sold] = [leg(buy, "buy", buyer), leg(sell, "sell", seller)];
    if (bought === undefined || sold === undefined) return "gas_unknown";
    const at = (netBps: number) => {
      const found = bestSize(bought, sold, netBps);
      if (found === "ambiguous") this.ambiguous = true;
      return found === "ambiguous" ? undefined : found;
    };
    return at(minNetBps) ?? (open ? at(minNetBps - hysteresisBps) : undefined) ?? "below_threshold";
  }

  /** Price of the native coin in the quote currency of a symbol, or undefined. */
  #nativePrice(symbol: number): number | undefined {
    const { symbols, nativeAsset, exchanges } = this.settings;
    const quote = symbols[symbol]!.split("-")[1]!;
    if (quote === nativeAsset) return 1;
    const source = symbols.indexOf(`${nativeAsset}-${quote}`);
    const prices: number[] = [];
    for (let exchange = 0; exchange < exchanges; exchange++) {
      const one = this.#quotes.get(`${exchange} ${source}`);
      if (one?.state === QuoteState.fresh && one.bid !== null && one.ask !== null) {
        prices.push((one.bid + one.ask) / 200);
      }
    }
    if (prices.length === 0) return undefined;
    while (prices.length > 2) {
      prices.splice(prices.indexOf(Math.max(...prices)), 1);
      prices.splice(prices.indexOf(Math.min(...prices)), 1);
    }
    return prices.reduce((sum, price) => sum + price) / prices.length;
  }

  #knownPrices(): boolean[] {
    return this.settings.symbols.map((_, symbol) => this.#nativePrice(symbol) !== undefined);
  }
}

/** Whether there is anything to tell. The rounding of two searches is nothing. */
function differs(one: OracleOpportunity, other: OracleOpportunity): boolean {
  const names = ["buyPrice", "sellPrice", "sizeBase", "feesQuote", "impactQuote", "gasQuote"] as const;
  return names.some((name) => Math.abs(one[name] - other[name]) > 1e-9 * Math.max(1, Math.abs(one[name])));
}

/** `(over / under − 1)` in basis points, exact to twelve decimals. */
function ratioBps(over: bigint, under: bigint): number {
  return Number((over - under) * 10_000n * 10n ** 12n / under) / 1e12;
}
