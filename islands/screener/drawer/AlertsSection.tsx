/** When to call the reader, and how. The browser is asked for its permission only when the reader switches it on. */
import { useState } from "preact/hooks";
import { DISTANCE_MS } from "../alerts.ts";
import type { NotificationState } from "../notification.ts";
import type { AlertSettings } from "../settings.ts";
import type { SoundState } from "../sound.ts";
import { NumberField, Section, Switch } from "./fields.tsx";
import type { SettingsProps } from "./Settings.tsx";

const NOTIFICATION: Record<NotificationState, string> = {
  default: "Your browser will ask you when you switch it on.",
  granted: "Shown by your browser, also while this page is in the background.",
  denied:
    "Your browser blocks notifications of this page. To undo that, open the site's settings beside the address, " +
    "allow notifications, and switch it on again.",
  insecure:
    "Not available: browsers allow notifications only over https, or on the machine itself as localhost.",
  unavailable: "Not available: this browser shows no notifications of a page.",
};
const ANSWERED_NOTHING = "The question was closed without an answer. Switch it on to be asked again.";

const SOUND: Record<SoundState, string> = {
  ready: "Ready: two short notes.",
  blocked: "Your browser holds the sound back until you click on the page or press a key; try the button.",
  unavailable: "Not available: this browser has no sound device for the page.",
};

export function AlertsSection({ settings: { alerts: kept }, alerts, onChange }: SettingsProps) {
  const [asked, setAsked] = useState(false);
  const change = (part: Partial<AlertSettings>) => onChange({ alerts: part });
  const { notification } = alerts;
  const impossible = notification === "insecure" || notification === "unavailable";
  return (
    <Section title="Alerts">
      <div class="drawer-fields">
        <NumberField
          label="Alert from"
          unit="bps net"
          value={kept.minNetBps}
          onValue={(minNetBps) => minNetBps !== undefined && change({ minNetBps })}
        />
      </div>
      <Switch
        label="Sound"
        checked={kept.sound}
        about="sound-state"
        onChange={(sound) => change({ sound })}
      />
      <p id="sound-state" class="hint">{kept.sound ? SOUND[alerts.sound] : "Two short notes."}</p>
      {kept.sound && (
        <div class="volume">
          <label>
            <span>Volume</span>
            <input
              type="range"
              min="5"
              max="100"
              step="5"
              value={kept.volume}
              onInput={({ currentTarget }) => change({ volume: Number(currentTarget.value) })}
            />
          </label>
          <button type="button" class="button small" onClick={() => void alerts.tryOut()}>
            Test the sound
          </button>
        </div>
      )}
      <Switch
        label="Browser notification"
        checked={kept.notification && notification === "granted"}
        disabled={impossible}
        about="notification-state"
        onChange={async (wanted) => {
          const state = wanted ? await alerts.askForNotifications() : notification;
          setAsked(wanted && state === "default");
          change({ notification: wanted && state === "granted" });
        }}
      />
      <p id="notification-state" class={notification === "denied" ? "hint trouble" : "hint"} role="status">
        {asked && notification === "default" ? ANSWERED_NOTHING : NOTIFICATION[notification]}
      </p>
      <p class="hint">
        An alert is for what the filter of this view lets through, once for each opportunity that opens at or
        rises to so much: not for what is open already, not while the table is paused. What comes within{" "}
        {DISTANCE_MS / 1000} seconds is one alert. This page has to stay open in a tab.
      </p>
    </Section>
  );
}
