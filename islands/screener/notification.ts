/** Notifications of the browser: whether they are allowed, and showing one. */
import { useEffect, useState } from "preact/hooks";

export type NotificationState =
  | NotificationPermission
  /** The address is neither https nor this machine. */
  | "insecure"
  /** This browser has none for pages, as those of phones. */
  | "unavailable";

/** Of two alerts only the newer one stays on the screen, also where several tabs give them. */
const TAG = "marketflow";

/** Set where showing one failed, which cannot be known before. */
let failed = false;

export function notificationState(): NotificationState {
  if (!isSecureContext) return "insecure";
  return failed || !("Notification" in globalThis) ? "unavailable" : Notification.permission;
}

/** Shows one; a click leads to this tab and then calls `onClick`. */
export function notify(title: string, body: string, onClick?: () => void): void {
  if (notificationState() !== "granted") return;
  try {
    // `renotify` is missing in the library's types.
    const options: NotificationOptions & { renotify: boolean } = { body, tag: TAG, renotify: true };
    const notification = new Notification(title, options);
    notification.onclick = () => {
      focus();
      notification.close();
      onClick?.();
    };
  } catch {
    // Chromium on Android has the constructor and forbids it to pages.
    failed = true;
  }
}

/** The state as it is now, and the question to the reader, which may only come from a click of theirs. */
export function useNotifications(): { state: NotificationState; ask(): Promise<NotificationState> } {
  const [state, setState] = useState<NotificationState>("default");
  useEffect(() => {
    const read = () => setState(notificationState());
    read();
    let status: PermissionStatus | undefined;
    let left = false;
    // The reader can change it in the browser at any time.
    navigator.permissions?.query({ name: "notifications" }).then((found) => {
      if (left) return;
      status = found;
      status.addEventListener("change", read);
    }, () => {});
    return () => {
      left = true;
      status?.removeEventListener("change", read);
    };
  }, []);
  const ask = async () => {
    if (notificationState() === "default") await Notification.requestPermission();
    const now = notificationState();
    setState(now);
    return now;
  };
  return { state, ask };
}
