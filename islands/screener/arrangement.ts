/**
 * Which rows the table shows, and in what order. A table that sorts itself on every tick cannot be read and cannot
 * be clicked, so:
 *
 * - a row keeps its place while values change, also when its value falls out of sort order or below the filter; one
 *   that is below the filter says so;
 * - a new row joins at the end; a closed row stays in its place until it has faded;
 * - the table is sorted and filtered anew when the reader changes sort or filter, and at a calm moment: nobody
 *   points at it or scrolls, and the last time is a few seconds ago;
 * - while somebody points at it nothing moves at all: faded rows wait until the pointer has left.
 */
import type { Row } from "./rows.ts";
import { comparisonOf, filterOf, type View } from "./view.ts";

/** Rows in the document; the filter narrows down what is behind. */
export const MAX_SHOWN = 100;
/** Between two arrangements that nobody asked for. */
export const CALM_MS = 4000;

export interface Arrangement {
  rows: readonly Row[];
  /** Grows whenever rows change places. */
  turn: number;
  /** Open rows that fit the filter, shown or not. */
  fitting: number;
}

/** Sorts and filters from scratch. */
export function arrange(all: ReadonlyMap<string, Row>, view: View, turn: number): Arrangement {
  const fits = filterOf(view);
  const compare = comparisonOf(view);
  const rows = [...all.values()].filter((row) => fits(row.opportunity));
  rows.sort((a, b) => compare(a.opportunity, b.opportunity));
  return { turn, rows: rows.slice(0, MAX_SHOWN), fitting: open(rows) };
}

/**
 * Brings an arrangement up to date without moving a row: values are replaced, new rows join at the end, rows that
 * are gone leave; while `held`, those that closed stay as they were.
 */
export function refresh(
  before: Arrangement,
  all: ReadonlyMap<string, Row>,
  view: View,
  held: boolean,
): Arrangement {
  const fits = filterOf(view);
  let turn = before.turn;
  const rows: Row[] = [];
  const shown = new Set<string>();
  for (const old of before.rows) {
    const row = all.get(old.key) ?? (held && old.closed !== undefined ? old : undefined);
    if (row === undefined) {
      // The rows below move up.
      turn = before.turn + 1;
      continue;
    }
    rows.push(row.closed !== undefined || fits(row.opportunity) ? row : below(row, old));
    shown.add(row.key);
  }
  let fitting = 0;
  for (const row of all.values()) {
    if (row.closed !== undefined || !fits(row.opportunity)) continue;
    fitting++;
    if (rows.length < MAX_SHOWN && !shown.has(row.key)) rows.push(row);
  }
  return { turn, rows, fitting };
}

/** The row with its mark; the same object while the row is the same. */
function below(row: Row, old: Row): Row {
  return old.below && old.opportunity === row.opportunity ? old : { ...row, below: true };
}

function open(rows: readonly Row[]): number {
  return rows.filter((row) => row.closed === undefined).length;
}
