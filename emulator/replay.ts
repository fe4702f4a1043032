/** Plays a recording to one client: once, from the beginning, at the recorded pace or another. */
import type { Output } from "./output.ts";
import type { Recording } from "./recording.ts";

/** More than this waiting for a client makes a replay pause; a fast replay must not look like a slow client. */
const PAUSE_ABOVE_BYTES = 256 * 1024;

export async function replay(
  { frames, speed, send, gone, output, signal }: {
    frames: Recording;
    /** 1: as recorded. N: N times as fast. 0: as fast as the client reads. */
    speed: number;
    send(text: string): void;
    gone(): boolean;
    output: Output;
    signal: AbortSignal;
  },
): Promise<void> {
  const begin = performance.now();
  let first: number | undefined;
  for (const { text, at } of frames) {
    first ??= at ?? undefined;
    if (speed > 0 && at !== null) {
      const due = begin + (at - first!) / speed;
      while (!gone() && !signal.aborted && performance.now() < due) {
        await pause(due - performance.now(), signal);
      }
    }
    if (gone() || signal.aborted) return;
    send(text);
    if (output.waitingBytes > PAUSE_ABOVE_BYTES) await output.drained();
  }
}

/** Waits, at most a quarter of a second at once, so that a client that left is noticed. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(250, ms));
    signal.addEventListener("abort", end);
  });
}
