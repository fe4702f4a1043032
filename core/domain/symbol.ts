/**
 * Canonical symbols: base and quote in upper case with a dash, `BTC-USDT`. Other spellings are found by looking
 * them up among the symbols that are known; a concatenated name is never split by guessing.
 */

const CANONICAL = /^[^\s\-_/:]+-[^\s\-_/:]+$/u;

/** True for `BTC-USDT`: upper case, one dash, something on both sides. */
export function isCanonicalSymbol(text: string): boolean {
  return CANONICAL.test(text) && text === text.toUpperCase();
}

/** Drops case and separators, so that `btc_usdt`, `BTC/USDT` and `BTC-USDT` meet at `BTCUSDT`. */
function key(text: string): string {
  return text.toUpperCase().replace(/[-_/:\s]/gu, "");
}

/** Resolves any common spelling to one of a fixed list of canonical symbols. */
export class SymbolIndex {
  readonly symbols: readonly string[];
  readonly #ids = new Map<string, number>();
  /** A spelling without separator can fit two symbols (`A-BC` and `AB-C`); then only the dashed form resolves. */
  readonly #byKey = new Map<string, string | null>();

  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
    for (const [id, symbol] of symbols.entries()) {
      this.#ids.set(symbol, id);
      const short = key(symbol);
      this.#byKey.set(short, this.#byKey.has(short) ? null : symbol);
    }
  }

  /** The canonical symbol for `text`, or undefined where it is not known or fits more than one. */
  resolve(text: string): string | undefined {
    const dashed = text.trim().toUpperCase().replace(/[_/:]/gu, "-");
    if (this.#ids.has(dashed)) return dashed;
    return this.#byKey.get(key(text)) ?? undefined;
  }

  /** Dense id of a canonical symbol, or undefined. */
  id(symbol: string): number | undefined {
    return this.#ids.get(symbol);
  }
}
