/** Decimal text from whole units, exactly: prices are kept in ticks and sizes in lots, never in fractions. */

/** `fixed(630049, 1)` is `63004.9`, `fixed(630000, 1)` is `63000.0`. */
export function fixed(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, "0");
  const dot = digits.length - decimals;
  return `${digits.slice(0, dot)}.${digits.slice(dot)}`;
}

/** Without trailing zeros: `trimmed(630000, 1)` is `63000`. */
export function trimmed(units: number, decimals: number): string {
  while (decimals > 0 && units % 10 === 0) {
    units /= 10;
    decimals--;
  }
  return fixed(units, decimals);
}
