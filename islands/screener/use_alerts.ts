/** Alerts as a hook: what the stream says goes in, sounds and notifications come out. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { alertWords } from "./alert_words.ts";
import { Alerts } from "./alerts.ts";
import { type NotificationState, notify, useNotifications } from "./notification.ts";
import type { AlertSettings } from "./settings.ts";
import { playSound, prepareSound, releaseSound, type SoundState, soundState } from "./sound.ts";
import { filterOf, type View } from "./view.ts";

export interface AlertState {
  alerts: Alerts;
  /** Whether anything would be heard or seen of an alert now. */
  on: boolean;
  sound: SoundState;
  notification: NotificationState;
  askForNotifications(): Promise<NotificationState>;
  /** Makes the sound once; it has to be on. */
  tryOut(): Promise<void>;
}

export function useAlerts(settings: AlertSettings): AlertState {
  const latest = useRef(settings);
  latest.current = settings;
  const [sound, setSound] = useState<SoundState>("blocked");
  const notifications = useNotifications();
  const prepare = async () => {
    const state = await prepareSound(() => setSound(soundState()));
    setSound(state);
    return state;
  };

  const alerts = useMemo(() =>
    new Alerts({
      now: () => performance.now(),
      later: (act, ms) => setTimeout(act, ms),
      tell(found) {
        const { sound, volume, notification, minNetBps } = latest.current;
        if (sound) playSound(volume);
        if (!notification) return;
        const { title, body } = alertWords(found, minNetBps);
        // One leads to its pair, in a tab of its own, because alerts end where this page is left; with several the table
        // is the place to look.
        notify(title, body, () => {
          if (found.length === 1) open(`/pairs/${found[0]!.symbol}`, "_blank", "noopener");
        });
      },
    }), []);

  useEffect(() => {
    if (!settings.sound) return;
    // After a reload the browser may be silent until the reader's first click or key, and so after it took the device
    // away; whichever it is opens it.
    const events = ["click", "keydown"] as const;
    for (const event of events) addEventListener(event, prepare);
    void prepare();
    return () => {
      for (const event of events) removeEventListener(event, prepare);
      releaseSound();
    };
  }, [settings.sound]);

  return {
    alerts,
    on: settings.sound && sound === "ready" || settings.notification && notifications.state === "granted",
    sound,
    notification: notifications.state,
    askForNotifications: notifications.ask,
    async tryOut() {
      if (await prepare() === "ready") playSound(latest.current.volume);
    },
  };
}

/** What makes an alert: the filter of the view, and at least the net edge that the reader asked for. */
export function alertFilter(view: View, { minNetBps }: AlertSettings) {
  const fits = filterOf(view);
  return (one: Parameters<typeof fits>[0]) => one.netBps >= minNetBps && fits(one);
}
