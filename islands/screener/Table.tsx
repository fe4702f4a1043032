/**
 * The table of opportunities. Narrow screens show each row as a card; `display` takes a table's meaning away from
 * assistive technology, which is why every part states its role.
 */
import { useMemo, useRef } from "preact/hooks";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { Changing, EdgeBar, Trend } from "./Cells.tsx";
import { Costs } from "./Costs.tsx";
import { age, amount, bps, price, sides, size } from "./format.ts";
import { useGlide } from "./glide.ts";
import type { Row } from "./rows.ts";
import { firstDirection, type SortKey, sortValue, type View } from "./view.ts";
import { reasonWords, venueName } from "./words.ts";

const COLUMNS: readonly { key: SortKey | "trend"; label: string; unit?: string; number?: boolean }[] = [
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

interface TableProps {
  rows: readonly Row[];
  /** Grows whenever rows change places. */
  turn: number;
  view: View;
  /** The server's clock, ms. */
  now: number;
  /** Grows when ages and trends are due, which concerns every row. */
  beat: number;
  trendOf(key: string): readonly number[];
  onSort(sort: SortKey, descending: boolean): void;
}

export function Table({ rows, turn, view, now, beat, trendOf, onSort }: TableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  useGlide(body, turn);
  return (
    <table role="table" class="opportunities">
      <caption class="unseen">
        Open opportunities: buy on one venue, sell on another, after fees, price impact and gas
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => <Heading key={column.key} column={column} view={view} onSort={onSort} />)}
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body}>
        {rows.map((row) => (
          <TableRow
            key={row.key}
            row={row}
            now={now}
            beat={beat}
            trend={trendOf(row.key)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Heading(
  { column, view, onSort }: { column: typeof COLUMNS[number] } & Pick<TableProps, "view" | "onSort">,
) {
  const { key, label, unit, number } = column;
  const style = `col-${key} ${number ? "number" : ""}`;
  if (key === "trend") return <th role="columnheader" scope="col" class={style}>{label}</th>;
  const sorted = view.sort === key;
  const descending = sorted ? !view.descending : firstDirection(key);
  return (
    <th
      role="columnheader"
      scope="col"
      class={style}
      aria-sort={sorted ? (view.descending ? "descending" : "ascending") : "none"}
    >
      <button
        type="submit"
        form="view"
        name="sort"
        value={sortValue(key, descending)}
        onClick={(event) => {
          event.preventDefault();
          onSort(key, descending);
        }}
      >
        {label}
        {unit && <span class="unit">{unit}</span>}
        <svg class="arrow" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
          <path d={sorted && !view.descending ? "M1 7 5 3 9 7" : "M1 3 5 7 9 3"} />
        </svg>
      </button>
    </th>
  );
}

interface RowProps {
  row: Row;
  now: number;
  beat: number;
  trend: readonly number[];
}

/** Rendered only when the row was replaced or the beat is due. */
function TableRow({ row, now, beat, trend }: RowProps) {
  return useMemo(() => <Cells row={row} now={now} trend={trend} />, [row, beat]);
}

function Cells({ row, now, trend }: Omit<RowProps, "beat">) {
  const one = row.opportunity;
  const [base, quote] = sides(one.symbol);
  return (
    <tr
      role="row"
      class={row.closed ? "closed" : row.arrived ? "arrived" : ""}
      data-route={row.key}
    >
      <th role="rowheader" scope="row" class="col-symbol">
        <a class="pair-link" href={`/pairs/${one.symbol}`}>
          <span class="base">{base}</span>
          <span class="quote">
            <span class="unseen">-</span>
            {quote}
          </span>
        </a>
      </th>
      <Leg side="buy" venue={one.buyExchange} price={one.buyPrice} />
      <Leg side="sell" venue={one.sellExchange} price={one.sellPrice} />
      <td role="cell" class="col-net number" data-label="Net">
        <strong>
          <Changing value={one.netBps} text={bps(one.netBps)} />
        </strong>
        <span class="unit narrow-only">bps</span>
        <EdgeBar netBps={one.netBps} />
      </td>
      <td role="cell" class="col-trend">
        <Trend points={trend} />
      </td>
      <td role="cell" class="col-gross number" data-label="Gross">
        <Changing value={one.grossBps} text={bps(one.grossBps)} />
        <span class="unit narrow-only">bps</span>
      </td>
      <td role="cell" class="col-costs">
        <Costs figures={one} />
      </td>
      <td role="cell" class="col-profit number" data-label="Profit">
        <Changing value={one.profitQuote} text={amount(one.profitQuote)} />
        <span class="unit">{quote}</span>
      </td>
      <td role="cell" class="col-size number" data-label="Size">
        <span class="line">
          <Changing value={one.sizeBase} text={size(one.sizeBase)} />
          <span class="unit">{base}</span>
        </span>
        <span class="line second">
          {amount(one.notionalQuote)}
          <span class="unit">{quote}</span>
        </span>
      </td>
      <td role="cell" class="col-age number" data-label={row.closed ? "Closed" : "Open for"}>
        {row.closed
          ? <span class="reason">{reasonWords(row.closed.reason)}</span>
          : <time>{age(now - one.openedAt)}</time>}
      </td>
    </tr>
  );
}

function Leg(
  { side, venue, price: at }: { side: "buy" | "sell"; venue: Opportunity["buyExchange"]; price: number },
) {
  return (
    <td role="cell" class={`col-${side} leg`} data-label={side === "buy" ? "Buy at" : "Sell at"}>
      <span class="leg-line">
        <span class="venue">{venueName(venue)}</span>
        <span class="price">
          <Changing value={at} text={price(at)} />
        </span>
      </span>
    </td>
  );
}
