/**
 * What one browser keeps of its reader's wishes: one value in its storage. Whatever is found there is checked, because
 * another version of this page, another program on the same address or a curious reader may have written it.
 */
import { type Choice, CHOICES, chosen } from "./columns.ts";
import { NO_THRESHOLDS, PLAIN, readView, type Thresholds, type View, writeView } from "./view.ts";

export const SETTINGS_KEY = "marketflow.settings";
/** Of the shape below. Of a value of another version only the views are understood. */
const VERSION = 1;

export const MAX_VIEWS = 30;
export const MAX_NAME = 40;
const MAX_QUERY = 1000;

export interface Settings {
  /** The view at the bare address. */
  thresholds: Thresholds;
  columns: readonly Choice[];
  alerts: AlertSettings;
  views: readonly SavedView[];
}

export interface AlertSettings {
  /** An opportunity with at least this net edge makes an alert. */
  minNetBps: number;
  sound: boolean;
  /** Of the sound, 1 to 100. */
  volume: number;
  notification: boolean;
}

export interface SavedView {
  name: string;
  /** As `writeView` has it; empty for the plain view. */
  query: string;
}

export const DEFAULTS: Settings = {
  thresholds: NO_THRESHOLDS,
  columns: CHOICES,
  alerts: { minNetBps: 20, sound: false, volume: 50, notification: false },
  views: [],
};

/** The view of the bare address. */
export function ownView({ thresholds, columns }: Settings): View {
  return { ...PLAIN, ...thresholds, columns };
}

/** Parts of the settings; of thresholds and alerts single fields, so that the others stay as they are by then. */
export interface SettingsChange extends Partial<Omit<Settings, "thresholds" | "alerts">> {
  thresholds?: Partial<Thresholds>;
  alerts?: Partial<AlertSettings>;
}

export function changed(settings: Settings, change: SettingsChange): Settings {
  return {
    ...settings,
    ...change,
    thresholds: { ...settings.thresholds, ...change.thresholds },
    alerts: { ...settings.alerts, ...change.alerts },
  };
}

export function writeSettings(settings: Settings): string {
  return JSON.stringify({ version: VERSION, ...settings });
}

/** Reads what was stored. What does not make sense has its default, each part for itself. */
export function readSettings(text: string | null): Settings {
  const stored = recordOf(parse(text));
  // Views are links, which have no version: whoever goes back to an older page keeps them.
  const views = Array.isArray(stored.views) ? viewsOf(stored.views) : [];
  if (stored.version !== VERSION) return { ...DEFAULTS, views };
  const thresholds = recordOf(stored.thresholds);
  const alerts = recordOf(stored.alerts);
  const first = DEFAULTS.alerts;
  return {
    thresholds: {
      minNetBps: numberOf(thresholds.minNetBps),
      minProfitQuote: numberOf(thresholds.minProfitQuote),
      minNotionalQuote: numberOf(thresholds.minNotionalQuote),
    },
    columns: Array.isArray(stored.columns) ? chosen([...stored.columns, "symbol"]) : CHOICES,
    alerts: {
      minNetBps: numberOf(alerts.minNetBps) ?? first.minNetBps,
      sound: alerts.sound === true,
      volume: Math.min(100, Math.max(1, numberOf(alerts.volume) ?? first.volume)),
      notification: alerts.notification === true,
    },
    views,
  };
}

/** With one more view, in the order of their names; one of the same name is replaced. */
export function withView(views: readonly SavedView[], name: string, view: View): readonly SavedView[] {
  return viewsOf([...views.filter((one) => one.name !== name), { name, query: writeView(view) }])
    .toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

function viewsOf(list: readonly unknown[]): SavedView[] {
  const views = new Map<string, SavedView>();
  for (const one of list.slice(0, MAX_VIEWS)) {
    const { name, query } = recordOf(one);
    if (typeof name !== "string" || name.trim() === "" || typeof query !== "string") continue;
    if (name.length > MAX_NAME || query.length > MAX_QUERY) continue;
    views.set(name, { name, query: writeView(readView(new URLSearchParams(query))) });
  }
  return [...views.values()];
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
