/**
 * What the reader asked to see: filter, sort order and columns. It lives in the address (`?symbol=btc&exchange=okx&
 * minNetBps=10&sort=-net&columns=net,profit`), so a view can be bookmarked and shared, and its filter works without
 * JavaScript. An address that names any of it is a whole view, the same for everybody; the bare address is each
 * browser's own (settings.ts).
 */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { type Choice, CHOICES, readColumns, writeColumns } from "./columns.ts";
import { routeKey } from "./rows.ts";

/** What must be left at least; undefined for all. */
export interface Thresholds {
  minNetBps: number | undefined;
  minProfitQuote: number | undefined;
  minNotionalQuote: number | undefined;
}

export interface View extends Thresholds {
  /** Part of a symbol in any spelling; empty for all. */
  symbol: string;
  /** Venue id on either leg; empty for all. */
  exchange: string;
  sort: SortKey;
  descending: boolean;
  /** Columns beside the symbol, in the order of the table. */
  columns: readonly Choice[];
}

/** What each sortable column sorts by. */
const SORTS = {
  symbol: (one: Opportunity) => one.symbol,
  buy: (one: Opportunity) => one.buyExchange,
  sell: (one: Opportunity) => one.sellExchange,
  net: (one: Opportunity) => one.netBps,
  gross: (one: Opportunity) => one.grossBps,
  costs: (one: Opportunity) => one.feesQuote + one.impactQuote + one.gasQuote,
  profit: (one: Opportunity) => one.profitQuote,
  size: (one: Opportunity) => one.notionalQuote,
  // Younger is larger: ages sort like ages, not like the times they began.
  age: (one: Opportunity) => -one.openedAt,
};
export type SortKey = keyof typeof SORTS;

const THRESHOLDS = ["minNetBps", "minProfitQuote", "minNotionalQuote"] as const;
const PARAMETERS = ["symbol", "exchange", ...THRESHOLDS, "sort", "columns"];
const FIRST_SORT = "-net";
const MAX_TEXT = 40;

export const NO_THRESHOLDS: Thresholds = {
  minNetBps: undefined,
  minProfitQuote: undefined,
  minNotionalQuote: undefined,
};

/** Everything, best first. */
export const PLAIN: View = {
  symbol: "",
  exchange: "",
  ...NO_THRESHOLDS,
  sort: "net",
  descending: true,
  columns: CHOICES,
};

/** Words start with A, numbers with the largest. */
export function firstDirection(sort: SortKey): boolean {
  return !["symbol", "buy", "sell"].includes(sort);
}

/** Whether an address has a view of its own. */
export function namesView(query: URLSearchParams): boolean {
  return PARAMETERS.some((name) => query.has(name));
}

export function readView(query: URLSearchParams): View {
  // Without JavaScript a form can send `sort` twice; the button that was pressed comes last.
  const sort = query.getAll("sort").at(-1) ?? "";
  const key = sort.replace(/^-/u, "");
  const text = (name: string) => (query.get(name) ?? "").trim().slice(0, MAX_TEXT);
  const view: View = {
    ...PLAIN,
    symbol: text("symbol"),
    exchange: text("exchange"),
    columns: readColumns(query.get("columns") ?? ""),
    ...Object.hasOwn(SORTS, key) && { sort: key as SortKey, descending: sort.startsWith("-") },
  };
  for (const name of THRESHOLDS) {
    const value = Number(text(name) || NaN);
    if (Number.isFinite(value)) view[name] = value;
  }
  return view;
}

/** The query of a view, with only what differs from the plain one, which has none; else with its `?`. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.symbol) query.set("symbol", view.symbol);
  if (view.exchange) query.set("exchange", view.exchange);
  for (const name of THRESHOLDS) if (view[name] !== undefined) query.set(name, String(view[name]));
  const sort = sortValue(view.sort, view.descending);
  if (sort !== FIRST_SORT) query.set("sort", sort);
  const columns = writeColumns(view.columns);
  if (columns) query.set("columns", columns);
  // A comma has no meaning in a query, and an address is read by people.
  return query.size === 0 ? "" : `?${query}`.replaceAll("%2C", ",");
}

/** The same, but never bare: whoever follows it sees this view and not a view of their own. */
export function linkOf(view: View): string {
  return `/${writeView(view) || `?sort=${FIRST_SORT}`}`;
}

export function sameView(one: View, other: View): boolean {
  return writeView(one) === writeView(other);
}

/** A sort order as it stands in the address: `net`, `-net`. */
export function sortValue(sort: SortKey, descending: boolean): string {
  return (descending ? "-" : "") + sort;
}

export function isFiltered(view: View): boolean {
  return view.symbol !== "" || view.exchange !== "" || THRESHOLDS.some((name) => view[name] !== undefined);
}

/** The view without its filter. */
export function unfiltered(view: View): View {
  return { ...view, symbol: "", exchange: "", ...NO_THRESHOLDS };
}

/** The check of a view's filter. */
export function filterOf(view: View): (one: Opportunity) => boolean {
  const bare = (text: string) => text.toUpperCase().replace(/[-_/:\s]/gu, "");
  const symbol = bare(view.symbol);
  const { exchange, minNetBps = -Infinity, minProfitQuote = -Infinity, minNotionalQuote = -Infinity } = view;
  return (one) =>
    (symbol === "" || bare(one.symbol).includes(symbol)) &&
    (exchange === "" || one.buyExchange === exchange || one.sellExchange === exchange) &&
    one.netBps >= minNetBps && one.profitQuote >= minProfitQuote && one.notionalQuote >= minNotionalQuote;
}

/** The comparison of a view's sort order; ties go by route, so that two equal rows never trade places. */
export function comparisonOf(view: View): (a: Opportunity, b: Opportunity) => number {
  const of = SORTS[view.sort];
  const sign = view.descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x !== y) return x < y ? -sign : sign;
    const [route, other] = [routeKey(a), routeKey(b)];
    return route < other ? -1 : route > other ? 1 : 0;
  };
}
