/** The worker's end: what it is told goes to `take`. Whatever is thrown ends the worker here, at its one boundary. */
import type { Ended } from "./attach.ts";

export interface Service<From> {
  say(message: From): void;
  /** Calls `close`, says that it ended, and ends the worker; once. `problem` is undefined where it was asked to end. */
  end(problem?: unknown): void;
}

/** Nothing is taken after the end. `close` lets go of files and locks. */
export function serve<To, From>(take: (message: To) => void, close: () => void): Service<From> {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  let ending = false;

  function end(problem?: unknown): void {
    if (ending) return;
    ending = true;
    let error = problem === undefined ? undefined : describe(problem);
    try {
      close();
    } catch (another) {
      error ??= describe(another);
    }
    scope.postMessage({ kind: "ended", error } satisfies Ended);
    scope.close();
  }

  scope.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.error ?? event.message);
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end(event.reason ?? "Rejected without a reason");
  });
  scope.addEventListener("message", ({ data }: MessageEvent<To>) => {
    if (!ending) take(data);
  });
  return { say: (message) => scope.postMessage(message), end };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
