/**
 * Numbers and times as the page writes them. The locale is fixed, so that what the server sends and what the
 * browser makes of it are the same text.
 */

const byDecimals: Intl.NumberFormat[] = [];

/** Grouped, with a fixed number of decimals: `67,012.50`. */
export function decimal(value: number, decimals: number): string {
  const format = byDecimals[decimals] ??= new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    // What rounds to zero has no sign.
    signDisplay: "negative",
  });
  return format.format(value);
}

/** Decimals that keep about six digits of a price, so that a column of one symbol stays aligned. */
export function price(value: number): string {
  return decimal(value, value >= 1000 ? 2 : value >= 10 ? 3 : value >= 1 ? 4 : value >= 0.01 ? 5 : 8);
}

/** An edge in basis points, without the unit. */
export function bps(value: number): string {
  return decimal(value, 1);
}

/** An amount of quote currency. */
export function amount(value: number): string {
  const size = Math.abs(value);
  return decimal(value, size >= 1000 ? 0 : size >= 0.1 || size === 0 ? 2 : 4);
}

/** An amount of base: about four digits. */
export function size(value: number): string {
  return decimal(value, value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 3 : value >= 0.01 ? 4 : 6);
}

/** How long something has lasted, in whole seconds: `8 s`, `2 m 05 s`, `1 h 02 m`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} m`;
}

/** How long ago a frame arrived: `80 ms`, `1.2 s`, then like an age. */
export function frameAge(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${decimal(ms / 1000, 1)} s` : age(ms);
}

/** Base and quote of a canonical symbol. */
export function sides(symbol: string): [base: string, quote: string] {
  const [base = symbol, quote = ""] = symbol.split("-");
  return [base, quote];
}
