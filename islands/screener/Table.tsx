/**
 * The table of opportunities. Narrow screens show each row as a card; `display` takes a table's meaning away from
 * assistive technology, which is why every part states its role.
 */
import { useRef } from "preact/hooks";
import { type Column, COLUMNS } from "./columns.ts";
import { useGlide } from "./glide.ts";
import type { Row } from "./rows.ts";
import { TableRow } from "./TableRow.tsx";
import { firstDirection, type SortKey, sortValue, type View } from "./view.ts";

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
          {COLUMNS.map((column) =>
            (column.key === "symbol" || view.columns.includes(column.key)) && (
              <Heading key={column.key} column={column} view={view} onSort={onSort} />
            )
          )}
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body}>
        {rows.map((row) => (
          <TableRow
            key={row.key}
            row={row}
            columns={view.columns}
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
  { column, view, onSort }: { column: Column } & Pick<TableProps, "view" | "onSort">,
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
