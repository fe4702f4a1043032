/** Waiting for others, but not for ever. */
import type { Clock } from "../../core/ports/clock.ts";

export const LATE = Symbol("late");

/** How long replies that are here already get to be read, when our own thread was busy and not the other side. */
const SECOND_LOOK_MS = 20;

/** What the promise gives, or `LATE` after so long. What it gives or throws later is ignored. */
export async function within<T>(
  promise: Promise<T>,
  limitMs: number,
  clock: Clock,
): Promise<T | typeof LATE> {
  let settled = false;
  let cancel = () => {};
  const late = new Promise<typeof LATE>((resolve) => {
    cancel = clock.after(limitMs, async () => {
      await clock.turn(SECOND_LOOK_MS);
      resolve(LATE);
    });
  });
  try {
    const watched = promise.finally(() => settled = true);
    watched.catch(() => {});
    return await Promise.race([watched, late]);
  } finally {
    if (settled) cancel();
  }
}
