/** Bars as JSON and as CSV. */
import { type BarJson, barJson } from "../../../core/app/wire.ts";
import type { BarInterval } from "../../../core/app/market.ts";
import type { Bar } from "../../../core/domain/bar.ts";
import type { Mode } from "../../../core/domain/mode.ts";
import { csvHeaders, csvRecord, csvTime, type CsvValue } from "../../_csv.ts";
import type { PageForm } from "../../_pages.ts";

export interface BarsRange {
  symbol: string;
  mode: Mode;
  interval: BarInterval;
  from: number;
  to: number;
}

export function barsAsJson(range: BarsRange): PageForm<Bar> {
  return {
    headers: { "content-type": "application/json" },
    head: JSON.stringify(range).replace(/\}$/u, ',"bars":['),
    row: (bar) => JSON.stringify(barJson(bar)),
    separator: ",",
    tail: "]}",
  };
}

/** Columns are named as in the table of the database; those that a bar stands under come first. */
export function barsAsCsv({ symbol, mode, interval }: BarsRange): PageForm<Bar> {
  return {
    headers: csvHeaders(`marketflow-${mode}-${symbol}-${interval}`),
    head: csvRecord(["pair_name", ...COLUMNS.map(([name]) => name), "mode"]),
    row: (bar) => {
      const one = barJson(bar);
      return csvRecord([bar.symbol, ...COLUMNS.map(([_, value]) => value(one)), bar.mode]);
    },
    separator: "",
    tail: "",
  };
}

const COLUMNS: readonly [name: string, value: (bar: BarJson) => CsvValue][] = [
  ["exchange", (bar) => bar.exchange],
  ["timestamp", (bar) => csvTime(bar.timestamp)],
  ["average_price", (bar) => bar.averagePrice],
  ["min_price", (bar) => bar.minPrice],
  ["max_price", (bar) => bar.maxPrice],
  ["time_weighted_price", (bar) => bar.timeWeightedPrice],
  ["min_time", (bar) => csvTime(bar.minTime)],
  ["max_time", (bar) => csvTime(bar.maxTime)],
  ["first_price", (bar) => bar.firstPrice],
  ["last_price", (bar) => bar.lastPrice],
  ["samples", (bar) => bar.samples],
  ["best_bid", (bar) => bar.bestBid],
  ["best_ask", (bar) => bar.bestAsk],
  ["fresh_ms", (bar) => bar.freshMs],
  ["complete", (bar) => bar.complete],
];
