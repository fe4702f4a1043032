/** The columns of the table. The symbol is always there; which of the others are shown is part of the view. */

export type ColumnKey =
  | "symbol"
  | "buy"
  | "sell"
  | "net"
  | "trend"
  | "gross"
  | "costs"
  | "profit"
  | "size"
  | "age";
/** Columns that can be left out. */
export type Choice = Exclude<ColumnKey, "symbol">;

export interface Column {
  key: ColumnKey;
  label: string;
  unit?: string;
  number?: boolean;
}

/** In the order of the table. */
export const COLUMNS: readonly Column[] = [
  { key: "symbol", label: "Symbol" },
  { key: "buy", label: "Buy at" },
  { key: "sell", label: "Sell at" },
  { key: "net", label: "Net", unit: "bps", number: true },
  { key: "trend", label: "Trend" },
  { key: "gross", label: "Gross", unit: "bps", number: true },
  { key: "costs", label: "Costs", number: true },
  { key: "profit", label: "Profit", number: true },
  { key: "size", label: "Size", number: true },
  { key: "age", label: "Open for", number: true },
];

export const CHOICES: readonly Choice[] = COLUMNS.flatMap(({ key }) => key === "symbol" ? [] : [key]);

/** Some of the columns in the order of the table; all where no name is known, since an empty table helps nobody. */
export function chosen(names: readonly unknown[]): readonly Choice[] {
  if (!COLUMNS.some(({ key }) => names.includes(key))) return CHOICES;
  const some = CHOICES.filter((key) => names.includes(key));
  return some.length === CHOICES.length ? CHOICES : some;
}

/** As it stands in the address, `net,profit`; the symbol alone stands for no other column. */
export function readColumns(text: string): readonly Choice[] {
  return chosen(text.split(","));
}

/** Empty for all columns. */
export function writeColumns(columns: readonly Choice[]): string {
  return columns.length === CHOICES.length ? "" : columns.join(",") || "symbol";
}
