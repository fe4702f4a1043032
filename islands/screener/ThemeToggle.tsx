/** Dark or light. Follows the system until it is used; static/theme.js applies the choice before the first paint. */
import { useEffect, useState } from "preact/hooks";

export function ThemeToggle() {
  const [dark, setDark] = useState(false);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const read = () =>
      setDark((document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark");
    read();
    system.addEventListener("change", read);
    return () => system.removeEventListener("change", read);
  }, []);
  const toggle = () => {
    const theme = dark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage can be forbidden; the choice then lasts until the page is left.
    }
    setDark(!dark);
  };
  return (
    <button
      type="button"
      class="button icon with-script"
      aria-pressed={dark}
      aria-label="Dark theme"
      onClick={toggle}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8a5.4 5.4 0 0 1 0-10.8Z" />
      </svg>
    </button>
  );
}
