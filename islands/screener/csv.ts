/**
 * The rows of the table as a file (RFC 4180). Columns are named as in the program's other CSV answers, numbers and times
 * stand as there, and a row always has what identifies it.
 */
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { Choice } from "./columns.ts";
import { reasonOf, type Row } from "./rows.ts";

type Field = [name: string, value: (one: Opportunity) => number | string];

const IDENTITY: readonly Field[] = [
  ["id", (one) => one.id],
  ["pair_name", (one) => one.symbol],
  ["buy_exchange", (one) => one.buyExchange],
  ["sell_exchange", (one) => one.sellExchange],
];

/** What a column of the table has to tell; a trend is a picture. */
const FIELDS: Record<Choice, readonly Field[]> = {
  buy: [["buy_price", (one) => one.buyPrice]],
  sell: [["sell_price", (one) => one.sellPrice]],
  net: [["net_bps", (one) => one.netBps]],
  trend: [],
  gross: [["gross_bps", (one) => one.grossBps]],
  costs: [
    ["fees_quote", (one) => one.feesQuote],
    ["impact_quote", (one) => one.impactQuote],
    ["gas_quote", (one) => one.gasQuote],
  ],
  profit: [["profit_quote", (one) => one.profitQuote]],
  size: [["size_base", (one) => one.sizeBase], ["notional_quote", (one) => one.notionalQuote]],
  age: [["opened_at", (one) => new Date(one.openedAt).toISOString()]],
};

/**
 * A head and one record for each row. `updated_at` says of when the figures are; `reason` is why a row is on its way
 * out: why it closed, or `below_filter` where it is open and below the filter of the view; else empty.
 */
export function csvOf(rows: readonly Row[], columns: readonly Choice[], mode: Mode): string {
  const fields = [...IDENTITY, ...columns.flatMap((key) => FIELDS[key])];
  const head = [...fields.map(([name]) => name), "updated_at", "reason", "mode"];
  const records = rows.map((row) => [
    ...fields.map(([_, value]) => value(row.opportunity)),
    new Date(row.opportunity.updatedAt).toISOString(),
    reasonOf(row) ?? "",
    mode,
  ]);
  return [head, ...records].map((record) => record.map(field).join(",") + "\r\n").join("");
}

/** `marketflow-test-20261121T232853Z.csv` */
export function csvName(mode: Mode, ms: number): string {
  const time = new Date(ms).toISOString().replace(/\.\d+|[-:]/gu, "");
  return `marketflow-${mode}-${time}.csv`;
}

/**
 * Symbols and venues are words of others. A spreadsheet takes text that starts like this for a formula and may run it;
 * after an apostrophe it is text. Numbers are ours, and keep their sign.
 */
const FORMULA = /^[=+\-@\t\r\n]/u;

function field(value: number | string): string {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
