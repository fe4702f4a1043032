/**
 * The settings: a button, and a drawer at the side. It is a modal dialog of the browser, which sees to focus, Escape and
 * what lies behind. Everything in it takes effect at once.
 */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { DEFAULTS, ownView, type Settings as Kept, type SettingsChange } from "../settings.ts";
import { chooseTheme } from "../theme.ts";
import type { AlertState } from "../use_alerts.ts";
import { sameView, type View } from "../view.ts";
import { AlertsSection } from "./AlertsSection.tsx";
import { Appearance } from "./Appearance.tsx";
import { Columns } from "./Columns.tsx";
import { Show } from "./Show.tsx";
import { Views } from "./Views.tsx";

export interface SettingsProps {
  settings: Kept;
  /** False where the browser keeps nothing. */
  kept: boolean;
  view: View;
  /** The program's own threshold. */
  minNetBps: number;
  alerts: AlertState;
  /** Keeps a part of the settings, and shows what it is of the view. */
  onChange(kept: SettingsChange, shown?: Partial<View>): void;
  /** Shows a view without keeping it. */
  onView(view: View): void;
}

export function Settings(props: SettingsProps) {
  const [open, setOpen] = useState(false);
  const { on } = props.alerts;
  return (
    <>
      <button
        type="button"
        class="button icon gear with-script"
        aria-haspopup="dialog"
        aria-label={on ? "Settings, alerts are on" : "Settings"}
        onClick={() => setOpen(true)}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M6.8 1h2.4l.4 1.9 1.2.5 1.6-1.1 1.7 1.7-1.1 1.6.5 1.2 1.9.4v2.4l-1.9.4-.5 1.2 1.1 1.6-1.7 1.7-1.6-1.1-1.2.5-.4 1.9H6.8l-.4-1.9-1.2-.5-1.6 1.1-1.7-1.7L3 11.2 2.5 10l-1.9-.4V7.2l1.9-.4L3 5.6 1.9 4l1.7-1.7 1.6 1.1 1.2-.5zM8 5.6a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z" />
        </svg>
        {on && <span class="gear-on" />}
      </button>
      {open && <Drawer {...props} onClosed={() => setOpen(false)} />}
    </>
  );
}

function Drawer({ onClosed, ...props }: SettingsProps & { onClosed(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [done, setDone] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const { view, settings, kept, alerts, onChange, onView } = props;
  const own = sameView(view, ownView(settings));

  const reset = () => {
    const { thresholds, columns, alerts } = DEFAULTS;
    onChange({ thresholds, columns, alerts }, ownView(DEFAULTS));
    chooseTheme("system");
    setDone("Everything is as it was at first");
  };

  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby="settings-title"
      onClose={onClosed}
      onPointerDown={(event) => event.target === event.currentTarget && dialog.current?.close()}
    >
      <div class="drawer-head">
        <h2 id="settings-title">Settings</h2>
        <button
          type="button"
          class="button icon"
          aria-label="Close the settings"
          onClick={() => dialog.current?.close()}
        >
          <svg class="cross" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <path d="m2 2 8 8M10 2l-8 8" />
          </svg>
        </button>
      </div>
      {/* The page behind is painted several times a second; these change only with what they show. */}
      {useMemo(() => (
        <div class="drawer-body" onInput={() => setDone("")}>
          <p class={kept ? "drawer-note" : "drawer-note trouble"}>
            {kept
              ? "Takes effect at once and is kept in this browser."
              : "This browser forbids the page to keep anything: settings last until you leave it."}
          </p>
          {!own && (
            <p class="drawer-note linked">
              This view comes from its address or from the filter above the table. What you change here is
              kept for the view of your own, too.{" "}
              <a
                href="/"
                onClick={(event) => {
                  event.preventDefault();
                  onView(ownView(settings));
                }}
              >
                Back to your own view
              </a>
            </p>
          )}
          <Show {...props} />
          <AlertsSection {...props} />
          <Columns {...props} />
          <Views
            {...props}
            onView={(chosen) => {
              onView(chosen);
              dialog.current?.close();
            }}
          />
          <Appearance />
          <div class="drawer-foot">
            <button type="button" class="button" onClick={reset}>Reset to defaults</button>
            <p class="hint" role="status">{done || "Saved views stay."}</p>
          </div>
        </div>
      ), [view, settings, kept, own, done, alerts.sound, alerts.notification])}
    </dialog>
  );
}
