/**
 * Canonical symbols: base and quote in upper case with a dash, `BTC-USDT`. Other spellings are found by looking
 * them up among the symbols that are known; a concatenated name is never split by guessing.
 */

const CANONICAL = /^[^\s\-_/:]+-[^\s\-_/:]+$/u;

/** True for `BTC-USDT`: upper case, one dash, something on both sides. */
export function isCanonicalSymbol(text: string): boolean {
  return CANONICAL.test(text) && text === text.toUpperCase();
}

const SEPARATORS = /[-_/:\s]+/u;

/**
 * Resolves any common spelling to one of a fixed list of canonical symbols.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { SymbolIndex } from "./symbol.ts";
 *
 * const index = new SymbolIndex(["BTC-USDT", "A-BC", "AB-C"]);
 * assert.equal(index.resolve("btc_usdt"), "BTC-USDT");
 * assert.equal(index.resolve("BTCUSDT"), "BTC-USDT");
 * // Two symbols have this spelling, and a guess could be another coin.
 * assert.equal(index.resolve("ABC"), undefined);
 * ```
 */
export class SymbolIndex {
  readonly symbols: readonly string[];
  readonly #ids = new Map<string, number>();
  /** By the spelling without separator. It can fit two symbols (`A-BC` and `AB-C`); then it resolves to neither. */
  readonly #joined = new Map<string, string | null>();

  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
    for (const [id, symbol] of symbols.entries()) {
      this.#ids.set(symbol, id);
      const joined = symbol.replace("-", "");
      this.#joined.set(joined, this.#joined.has(joined) ? null : symbol);
    }
  }

  /**
   * The canonical symbol for `text`, or undefined where it is not known or fits more than one. A separator is taken at
   * its word: `A-BC` is never `AB-C`, which is another coin.
   */
  resolve(text: string): string | undefined {
    const parts = text.trim().toUpperCase().split(SEPARATORS);
    if (parts.length === 1) return this.#joined.get(parts[0]!) ?? undefined;
    const dashed = parts.join("-");
    return this.#ids.has(dashed) ? dashed : undefined;
  }

  /** Dense id of a canonical symbol, or undefined. */
  id(symbol: string): number | undefined {
    return this.#ids.get(symbol);
  }
}
