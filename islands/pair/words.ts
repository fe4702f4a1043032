/** Times and troubles in the words of the page. */
const DAY_MS = 86_400_000;

/** A moment in UTC, as exact as the distance between two of them asks for: `12 Mar`, `12 Mar 14:05`, `14:05:09`. */
export function clockTime(ms: number, stepMs: number): string {
  const iso = new Date(ms).toISOString();
  if (stepMs < 60_000) return iso.slice(11, 19);
  const day = new Date(ms).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  return stepMs >= DAY_MS ? day : `${day} ${iso.slice(11, 16)}`;
}

/** When something ended: the time, and the day too where that was not within the last hours. */
export function endTime(ms: number, now: number): string {
  return now - ms < DAY_MS / 2 ? clockTime(ms, 1000) : clockTime(ms, 60_000);
}

/** A sentence about data that cannot be had; empty where there is no trouble. */
export function troubleWords(trouble: string): string {
  return trouble && `The history cannot be read now: ${trouble}. It is asked for again by itself.`;
}
