/** Views under names: what is shown now can be saved, and each is a link. */
import { useState } from "preact/hooks";
import { passFocusOn } from "../focus.ts";
import { MAX_NAME, MAX_VIEWS, withView } from "../settings.ts";
import { readView } from "../view.ts";
import { linkTo } from "../view_link.ts";
import { Section } from "./fields.tsx";
import type { SettingsProps } from "./Settings.tsx";

export function Views({ view, settings: { views }, onChange, onView }: SettingsProps) {
  const [name, setName] = useState("");
  const given = name.trim();
  const known = views.some((one) => one.name === given);
  const full = views.length >= MAX_VIEWS && !known;
  return (
    <Section title="Saved views">
      {views.length > 0 && (
        <ul class="drawer-views">
          {views.map(({ name, query }) => (
            <li key={name}>
              <a {...linkTo(readView(new URLSearchParams(query)), onView)}>{name}</a>
              <button
                type="button"
                class="button small"
                aria-label={`Delete the view ${name}`}
                onClick={({ currentTarget }) => {
                  passFocusOn(currentTarget);
                  onChange({ views: views.filter((one) => one.name !== name) });
                }}
              >
                Delete
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        class="drawer-save"
        onSubmit={(event) => {
          event.preventDefault();
          if (given === "" || full) return;
          onChange({ views: withView(views, given, view) });
          setName("");
        }}
      >
        <label class="field">
          <span>Name for what is shown now</span>
          <input
            type="text"
            value={name}
            maxLength={MAX_NAME}
            autocomplete="off"
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" disabled={given === "" || full}>
          {known ? "Replace" : "Save view"}
        </button>
      </form>
      <p class="hint">
        {full
          ? `There is room for ${MAX_VIEWS} views; delete one first.`
          : "Filter, thresholds, order and columns. Saved views stand above the table."}
      </p>
    </Section>
  );
}
