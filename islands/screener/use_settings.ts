/** Settings as a hook: read after the first rendering, kept in the browser's storage, the same in every tab. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  changed,
  DEFAULTS,
  readSettings,
  type Settings,
  SETTINGS_KEY,
  type SettingsChange,
  writeSettings,
} from "./settings.ts";

export interface KeptSettings {
  settings: Settings;
  /** False where the browser forbids the page to store anything: settings then last until the page is left. */
  kept: boolean;
  /** Changes some of them and returns them all. */
  keep(change: SettingsChange): Settings;
}

export function useSettings(): KeptSettings {
  // The server does not know them, and hydration expects what the server wrote.
  const [state, setState] = useState({ settings: DEFAULTS, kept: true });
  const latest = useRef(state);
  const set = (settings: Settings, kept: boolean) => setState(latest.current = { settings, kept });
  const read = () => {
    const settings = load();
    set(settings ?? latest.current.settings, settings !== undefined);
  };

  useLayoutEffect(read, []);
  useEffect(() => {
    // Another tab changed them, or the reader emptied the storage (no key).
    const elsewhere = ({ key }: StorageEvent) => {
      if (key === SETTINGS_KEY || key === null) read();
    };
    addEventListener("storage", elsewhere);
    return () => removeEventListener("storage", elsewhere);
  }, []);

  const keep = (change: SettingsChange) => {
    // Another tab may have changed something else a moment ago.
    const settings = changed(latest.current.kept && load() || latest.current.settings, change);
    set(settings, save(settings));
    return settings;
  };
  return { ...state, keep };
}

function load(): Settings | undefined {
  try {
    return readSettings(localStorage.getItem(SETTINGS_KEY));
  } catch {
    return undefined;
  }
}

function save(settings: Settings): boolean {
  try {
    localStorage.setItem(SETTINGS_KEY, writeSettings(settings));
    return true;
  } catch {
    return false;
  }
}
