/** Dark or light, in one click. The settings have the way back to the system's theme. */
import { chooseTheme, useTheme } from "./theme.ts";

export function ThemeToggle() {
  const { dark } = useTheme();
  return (
    <button
      type="button"
      class="button icon with-script"
      aria-pressed={dark}
      aria-label="Dark theme"
      onClick={() => chooseTheme(dark ? "light" : "dark")}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8a5.4 5.4 0 0 1 0-10.8Z" />
      </svg>
    </button>
  );
}
