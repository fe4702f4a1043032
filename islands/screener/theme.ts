/** Light, dark, or as the system has it; static/theme.js applies a choice before the first paint. */
import { useEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
/** Told in this tab; other tabs hear from the storage. */
const CHANGED = "theme-changed";

export function chooseTheme(theme: Theme): void {
  apply(theme);
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage can be forbidden; the choice then lasts until the page is left.
  }
  dispatchEvent(new Event(CHANGED));
}

/** The choice, and whether the page is dark now. */
export function useTheme(): { theme: Theme; dark: boolean } {
  const [state, setState] = useState<{ theme: Theme; dark: boolean }>({ theme: "system", dark: false });
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const read = () => {
      const theme = asTheme(document.documentElement.dataset.theme);
      setState({ theme, dark: theme === "system" ? system.matches : theme === "dark" });
    };
    const elsewhere = ({ key, newValue }: StorageEvent) => {
      if (key !== KEY && key !== null) return;
      apply(asTheme(newValue));
      read();
    };
    read();
    system.addEventListener("change", read);
    addEventListener(CHANGED, read);
    addEventListener("storage", elsewhere);
    return () => {
      system.removeEventListener("change", read);
      removeEventListener(CHANGED, read);
      removeEventListener("storage", elsewhere);
    };
  }, []);
  return state;
}

function apply(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
}

function asTheme(value: string | null | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
