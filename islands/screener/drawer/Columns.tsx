/** Which columns the table has, and which figures a card on a phone. */
import { CHOICES, chosen, COLUMNS } from "../columns.ts";
import { Section } from "./fields.tsx";
import type { SettingsProps } from "./Settings.tsx";

export function Columns({ view, onChange }: SettingsProps) {
  return (
    <Section title="Columns">
      <div class="drawer-columns">
        {COLUMNS.map(({ key, label, unit }) => {
          if (key === "symbol") return null;
          const shown = view.columns.includes(key);
          return (
            <label key={key} class="tick">
              <input
                type="checkbox"
                checked={shown}
                onChange={() => {
                  const columns = chosen([
                    "symbol",
                    ...CHOICES.filter((one) => view.columns.includes(one) !== (one === key)),
                  ]);
                  onChange({ columns }, { columns });
                }}
              />
              {unit ? `${label}, ${unit}` : label}
            </label>
          );
        })}
      </div>
      <p class="hint">The symbol is always there. Narrow windows leave out trend and gross.</p>
    </Section>
  );
}
