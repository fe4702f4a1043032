/** Above the table: saved views, and the parts of the filter that have no field there, so that none works unseen. */
import { passFocusOn } from "./focus.ts";
import type { SavedView } from "./settings.ts";
import { readView, sameView, type Thresholds, type View } from "./view.ts";
import { linkTo } from "./view_link.ts";

interface ChipsProps {
  view: View;
  views: readonly SavedView[];
  onView(view: View): void;
}

const UNSEEN: readonly [keyof Thresholds, string][] = [
  ["minProfitQuote", "Profit from"],
  ["minNotionalQuote", "Size from"],
];

export function Chips({ view, views, onView }: ChipsProps) {
  const unseen = UNSEEN.filter(([key]) => view[key] !== undefined);
  if (unseen.length === 0 && views.length === 0) return null;
  return (
    <div class="chips">
      {views.length > 0 && (
        <nav aria-label="Saved views">
          {views.map(({ name, query }) => {
            const saved = readView(new URLSearchParams(query));
            return (
              <a
                key={name}
                class="chip"
                {...linkTo(saved, onView)}
                aria-current={sameView(saved, view)}
              >
                {name}
              </a>
            );
          })}
        </nav>
      )}
      {unseen.map(([key, words]) => (
        <span key={key} class="chip filter">
          {words} {view[key]}
          <button
            type="button"
            class="with-script"
            aria-label={`Remove the filter ${words} ${view[key]}`}
            onClick={({ currentTarget }) => {
              passFocusOn(currentTarget);
              onView({ ...view, [key]: undefined });
            }}
          >
            <svg class="cross" viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
              <path d="m2 2 8 8M10 2l-8 8" />
            </svg>
          </button>
        </span>
      ))}
    </div>
  );
}
