/** Asks the program again and again, for as long as somebody looks. */

/** Waits after a failure: doubled each time up to the maximum, with jitter. */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 15_000;
const TIMEOUT_MS = 5000;

/** An answer that is not a success. The message is the program's own, for the page to show. */
export class AnswerError extends Error {
  override name = "AnswerError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Throws `AnswerError`, or what `fetch` throws where there is no answer. */
export async function getJson<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal });
  if (response.ok) return await response.json();
  const { detail, title } = await response.json().catch(() => ({}));
  throw new AnswerError(response.status, detail ?? title ?? `${url} answered ${response.status}`);
}

/**
 * Runs `ask` every `everyMs` while the page is visible, at once when it becomes so and when the network is back. Where
 * it throws, the waits grow until it succeeds again. Returns the way to stop, and the way to ask at once.
 */
export function repeat(
  ask: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
): { stop(): void; now(): void } {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let asking = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    if (asking || end.signal.aborted || document.visibilityState === "hidden") return;
    asking = true;
    try {
      await ask(AbortSignal.any([end.signal, AbortSignal.timeout(TIMEOUT_MS)]));
      failures = 0;
    } catch {
      // Whoever asks says so on the page.
      failures++;
    }
    asking = false;
    if (!end.signal.aborted) timer = setTimeout(run, wait());
  }

  function wait(): number {
    if (failures === 0) return everyMs;
    const longest = Math.max(everyMs, MAX_WAIT_MS);
    const doubled = Math.max(everyMs, FIRST_WAIT_MS) * 2 ** Math.min(failures - 1, 10);
    return Math.min(longest, doubled) * (0.5 + Math.random() / 2);
  }

  document.addEventListener("visibilitychange", run);
  addEventListener("online", run);
  void run();
  return {
    stop() {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", run);
      removeEventListener("online", run);
    },
    now: () => void run(),
  };
}
