/** What the parsers of all instrument lists share. */
import type { Instrument } from "../../../core/domain/instrument.ts";
import { isCanonicalSymbol } from "../../../core/domain/symbol.ts";

/** The body of a list is not that list. The message says whose it is and what was found instead. */
export class ListingError extends Error {
  override name = "ListingError";

  constructor(venue: string, problem: string, body?: string) {
    const found = body === undefined ? "" : `, it begins with ${JSON.stringify(body.slice(0, 80))}`;
    super(`Instrument list of ${venue} cannot be used: ${problem}${found}`);
  }
}

/** The JSON of a list's body. Throws a `ListingError` where it is no JSON: an error page, an empty or cut answer. */
export function parseBody(venue: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ListingError(venue, "The body is not JSON", body);
  }
}

/** `BTC-USDT` of base and quote; undefined where either is missing or has a character that a symbol cannot have. */
export function canonicalSymbol(base: unknown, quote: unknown): string | undefined {
  if (typeof base !== "string" || typeof quote !== "string") return undefined;
  const symbol = `${base}-${quote}`.toUpperCase();
  return isCanonicalSymbol(symbol) ? symbol : undefined;
}

/** A step or a minimum: above zero, else null (venues write "", "0" or nothing where there is none). */
export function positiveOf(value: unknown): number | null {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  return number > 0 && number < Infinity ? number : null;
}

/** A count of decimals as a step: 8 → 1e-8, the double nearest to it; null where it is no count. */
export function stepOf(decimals: unknown): number | null {
  if (typeof decimals !== "number" || !Number.isInteger(decimals) || decimals < 0 || decimals > 30) {
    return null;
  }
  return Number(`1e-${decimals}`);
}

/**
 * One instrument per symbol, the tradable one where a venue lists a symbol twice. Rows that were none are undefined and
 * left out. Throws where nothing is left: a list without a single usable row is not that list.
 */
export function onePerSymbol(venue: string, instruments: Iterable<Instrument | undefined>): Instrument[] {
  const bySymbol = new Map<string, Instrument>();
  for (const instrument of instruments) {
    if (instrument === undefined) continue;
    const earlier = bySymbol.get(instrument.symbol);
    if (earlier === undefined || (!earlier.tradable && instrument.tradable)) {
      bySymbol.set(instrument.symbol, instrument);
    }
  }
  if (bySymbol.size === 0) throw new ListingError(venue, "It has no row with a name, a base and a quote");
  return [...bySymbol.values()];
}
