/**
 * What the screener should say, worked out the slow and plain way: a Map of quotes, every route of every symbol looked
 * at again after each change, edges as exact fractions of whole numbers.
 */
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { QuoteState } from "../../core/domain/quote.ts";

/** Prices and sizes in hundredths; null where there is none. */
export interface OracleQuote {
  state: QuoteState;
  bid: number | null;
  bidSize: number | null;
  ask: number | null;
  askSize: number | null;
}

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
  profitQuote: number;
  openedAt: number;
  updatedAt: number;
}

export interface OracleSettings {
  exchanges: number;
  symbols: number;
  /** Whole basis points, by exchange. */
  fees: readonly number[];
  minNetBps: number;
  hysteresisBps: number;
}

export interface Closing {
  route: string;
  reason: CloseReason;
  /** What it was before it closed. */
  last: OracleOpportunity;
}

export class Oracle {
  readonly open = new Map<string, OracleOpportunity>();
  readonly #quotes = new Map<string, OracleQuote>();
  /** True once an edge came so close to a threshold that floats may fall to either side of it. */
  ambiguous = false;

  constructor(private readonly settings: OracleSettings) {}

  /** The closings and the routes that opened or changed. */
  tick(exchange: number, symbol: number, quote: OracleQuote, now: number) {
    this.#quotes.set(`${exchange} ${symbol}`, quote);
    return this.#look(now, () => undefined);
  }

  withdraw(exchange: number, reason: CloseReason, now: number) {
    for (let symbol = 0; symbol < this.settings.symbols; symbol++) {
      this.#quotes.delete(`${exchange} ${symbol}`);
    }
    return this.#look(now, (buyer, seller) => buyer === exchange || seller === exchange ? reason : undefined);
  }

  #look(now: number, given: (buyer: number, seller: number) => CloseReason | undefined) {
    const closed: Closing[] = [];
    const changed: string[] = [];
    const { exchanges, symbols, minNetBps, hysteresisBps } = this.settings;
    for (let symbol = 0; symbol < symbols; symbol++) {
      for (let buyer = 0; buyer < exchanges; buyer++) {
        for (let seller = 0; seller < exchanges; seller++) {
          if (buyer === seller) continue;
          const route = `${symbol} ${buyer} ${seller}`;
          const before = this.open.get(route);
          const found = this.#evaluate(symbol, buyer, seller, now);
          const threshold = before === undefined ? minNetBps : minNetBps - hysteresisBps;
          if (typeof found === "string" || found.netBps < threshold) {
            if (before === undefined) continue;
            const reason = given(buyer, seller) ?? (typeof found === "string" ? found : "below_threshold");
            closed.push({ route, reason, last: before });
            this.open.delete(route);
          } else if (
            before === undefined || before.buyPrice !== found.buyPrice ||
            before.sellPrice !== found.sellPrice || before.sizeBase !== found.sizeBase
          ) {
            this.open.set(route, { ...found, openedAt: before?.openedAt ?? now });
            changed.push(route);
          }
        }
      }
    }
    return { closed, changed };
  }

  #evaluate(symbol: number, buyer: number, seller: number, now: number): OracleOpportunity | CloseReason {
    const buy = this.#quotes.get(`${buyer} ${symbol}`);
    const sell = this.#quotes.get(`${seller} ${symbol}`);
    const legs = [buy, sell];
    if (legs.some((leg) => leg === undefined || leg.state === QuoteState.withdrawn)) return "leg_withdrawn";
    if (legs.some((leg) => leg!.state === QuoteState.stale)) return "leg_stale";
    const { ask, askSize } = buy!;
    const { bid, bidSize } = sell!;
    if (ask === null || bid === null) return "leg_withdrawn";
    if (!askSize || !bidSize) return "size_unknown";
    const cost = BigInt(ask) * BigInt(10_000 + this.settings.fees[buyer]!);
    const proceeds = BigInt(bid) * BigInt(10_000 - this.settings.fees[seller]!);
    const netBps = ratioBps(proceeds, cost);
    for (
      const threshold of [this.settings.minNetBps, this.settings.minNetBps - this.settings.hysteresisBps]
    ) {
      if (Math.abs(netBps - threshold) < 1e-6) this.ambiguous = true;
    }
    const size = Math.min(askSize, bidSize);
    return {
      symbol,
      buyer,
      seller,
      buyPrice: ask / 100,
      sellPrice: bid / 100,
      sizeBase: size / 100,
      notionalQuote: size * ask / 10_000,
      grossBps: ratioBps(BigInt(bid), BigInt(ask)),
      netBps,
      // Hundredths of a price times ten thousandths of a fee times hundredths of a size.
      profitQuote: Number(proceeds - cost) * size / 1e8,
      openedAt: now,
      updatedAt: now,
    };
  }
}

/** `(over / under − 1)` in basis points, exact to twelve decimals. */
function ratioBps(over: bigint, under: bigint): number {
  return Number((over - under) * 10_000n * 10n ** 12n / under) / 1e12;
}
