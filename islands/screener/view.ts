/**
 * What the reader asked to see: filter and sort order. It lives in the address (`?symbol=btc&exchange=okx&
 * minNetBps=10&sort=-net`), so a view can be bookmarked, and it works without JavaScript.
 */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { routeKey } from "./rows.ts";

export interface View {
  /** Part of a symbol in any spelling; empty for all. */
  symbol: string;
  /** Venue id on either leg; empty for all. */
  exchange: string;
  /** Undefined for all. */
  minNetBps: number | undefined;
  sort: SortKey;
  descending: boolean;
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

/** Words start with A, numbers with the largest. */
export function firstDirection(sort: SortKey): boolean {
  return !["symbol", "buy", "sell"].includes(sort);
}

export function readView(query: URLSearchParams): View {
  // Without JavaScript a form can send `sort` twice; the button that was pressed comes last.
  const sort = query.getAll("sort").at(-1) ?? "";
  const key = sort.replace(/^-/u, "");
  const minNetBps = query.get("minNetBps")?.trim() ? Number(query.get("minNetBps")) : NaN;
  return {
    symbol: (query.get("symbol") ?? "").trim().slice(0, 40),
    exchange: (query.get("exchange") ?? "").trim().slice(0, 40),
    minNetBps: Number.isFinite(minNetBps) ? minNetBps : undefined,
    ...Object.hasOwn(SORTS, key)
      ? { sort: key as SortKey, descending: sort.startsWith("-") }
      : { sort: "net", descending: true },
  };
}

/** The query of a view, with only what differs from the start; empty or with its `?`. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.symbol) query.set("symbol", view.symbol);
  if (view.exchange) query.set("exchange", view.exchange);
  if (view.minNetBps !== undefined) query.set("minNetBps", String(view.minNetBps));
  const sort = sortValue(view.sort, view.descending);
  if (sort !== "-net") query.set("sort", sort);
  return query.size === 0 ? "" : `?${query}`;
}

/** A sort order as it stands in the address: `net`, `-net`. */
export function sortValue(sort: SortKey, descending: boolean): string {
  return (descending ? "-" : "") + sort;
}

export function isFiltered(view: View): boolean {
  return view.symbol !== "" || view.exchange !== "" || view.minNetBps !== undefined;
}

/** The check of a view's filter. */
export function filterOf(view: View): (one: Opportunity) => boolean {
  const bare = (text: string) => text.toUpperCase().replace(/[-_/:\s]/gu, "");
  const symbol = bare(view.symbol);
  const { exchange, minNetBps = -Infinity } = view;
  return (one) =>
    (symbol === "" || bare(one.symbol).includes(symbol)) &&
    (exchange === "" || one.buyExchange === exchange || one.sellExchange === exchange) &&
    one.netBps >= minNetBps;
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
