/** Filter, sort order for narrow screens, and pause. A plain form, so that it works without JavaScript. */
import type { ComponentChildren } from "preact";
import { writeColumns } from "./columns.ts";
import { readView, type SortKey, sortValue, type View } from "./view.ts";
import { venueName } from "./words.ts";

const NARROW_SORTS: readonly [SortKey, descending: boolean, words: string][] = [
  ["net", true, "Best net edge"],
  ["profit", true, "Largest profit"],
  ["size", true, "Largest size"],
  ["age", false, "Newest"],
  ["age", true, "Longest open"],
  ["symbol", false, "Symbol"],
];

interface ToolbarProps {
  view: View;
  symbols: readonly string[];
  exchanges: readonly string[];
  minNetBps: number;
  paused: boolean;
  onView(view: View): void;
  onPause(): void;
  /** More buttons. */
  children?: ComponentChildren;
}

export function Toolbar(props: ToolbarProps) {
  const { view, symbols, exchanges, minNetBps, paused, onView, onPause, children } = props;
  const read = (event: Event) => {
    const { symbol, exchange, minNetBps } = readForm((event.currentTarget as HTMLElement).closest("form")!);
    onView({ ...view, symbol, exchange, minNetBps });
  };
  return (
    <form id="view" class="toolbar" method="get" action="/" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Symbol</span>
        <input
          type="search"
          name="symbol"
          value={view.symbol}
          placeholder="All"
          list="symbols"
          autocomplete="off"
          spellcheck={false}
          onInput={read}
        />
      </label>
      <datalist id="symbols">
        {symbols.map((symbol) => <option key={symbol} value={symbol} />)}
      </datalist>
      <label class="field">
        <span>Venue</span>
        <select name="exchange" onChange={read}>
          <option value="" selected={view.exchange === ""}>All</option>
          {exchanges.map((id) => (
            <option key={id} value={id} selected={view.exchange === id}>{venueName(id)}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Net from, bps</span>
        <input
          type="number"
          name="minNetBps"
          inputmode="decimal"
          step="any"
          value={view.minNetBps ?? ""}
          placeholder={String(minNetBps)}
          onInput={read}
        />
      </label>
      <label class="field narrow-only">
        <span>Sort by</span>
        <select
          name="sort"
          onChange={(event) => {
            const { sort, descending } = readView(new URLSearchParams({ sort: event.currentTarget.value }));
            onView({ ...view, sort, descending });
          }}
        >
          {NARROW_SORTS.map(([sort, descending, words]) => {
            const value = sortValue(sort, descending);
            return (
              <option
                key={value}
                value={value}
                selected={view.sort === sort && view.descending === descending}
              >
                {words}
              </option>
            );
          })}
        </select>
      </label>
      <Rest view={view} />
      <button type="submit" class="button without-script">Apply</button>
      <button type="button" class="button with-script pause" aria-pressed={paused} onClick={onPause}>
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path d={paused ? "M3 1.5v9l7-4.5z" : "M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z"} />
        </svg>
        Pause
      </button>
      {children}
    </form>
  );
}

/** What the view holds beside the fields, so that a form that is sent does not lose it. */
function Rest({ view }: { view: View }) {
  const { minProfitQuote, minNotionalQuote } = view;
  return (
    <>
      {Object.entries({ minProfitQuote, minNotionalQuote, columns: writeColumns(view.columns) || undefined })
        .map(([name, value]) =>
          value !== undefined && <input key={name} type="hidden" {...{ name, value }} />
        )}
    </>
  );
}

/** The filter of a form, read like an address. */
function readForm(form: HTMLFormElement): View {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.set(name, value);
  return readView(fields);
}
