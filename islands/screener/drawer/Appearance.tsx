/** The theme. */
import { chooseTheme, type Theme, useTheme } from "../theme.ts";
import { Section } from "./fields.tsx";

const THEMES: readonly [Theme, string][] = [["system", "System"], ["light", "Light"], ["dark", "Dark"]];

export function Appearance() {
  const { theme } = useTheme();
  return (
    <Section title="Appearance">
      <div class="segments">
        {THEMES.map(([key, label]) => (
          <label key={key}>
            <input
              type="radio"
              name="theme"
              value={key}
              checked={theme === key}
              onChange={() => chooseTheme(key)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </Section>
  );
}
