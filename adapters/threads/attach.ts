/**
 * The core's end of a Web Worker that speaks in messages: what it says, and, once, that it ended. Whatever way it ends,
 * it says so by a message `{ kind: "ended", error }` or is found out by its error event.
 */

/** What a worker says last. `error` is undefined where it was asked to end. */
export interface Ended {
  kind: "ended";
  error: string | undefined;
}

export interface Thread<To> {
  /** Says something; what is said to a worker that ended is lost. */
  send(message: To, transfer?: ArrayBuffer[]): void;
  /** Ends it from outside; nothing is told of it any more. A thread that hangs in the disk goes on to hang. */
  terminate(): void;
}

export interface ThreadEvents<From> {
  message(message: Exclude<From, Ended>): void;
  /** It ended: asked to (`error` undefined) or by an exception. Called once; nothing is called after it. */
  ended(error: string | undefined): void;
}

/** Starts a worker, and tells what becomes of it. */
export type ThreadHost<To, From> = (events: ThreadEvents<From>) => Thread<To>;

export function attach<To, From extends { kind: string }>(
  worker: Worker,
  events: ThreadEvents<From>,
): Thread<To> {
  let over = false;
  const end = (error: string | undefined, tell: boolean) => {
    if (over) return;
    over = true;
    worker.terminate();
    if (tell) events.ended(error);
  };
  worker.onmessage = ({ data }: MessageEvent<From | Ended>) => {
    if (over) return;
    if (data.kind === "ended") end((data as Ended).error, true);
    else events.message(data as Exclude<From, Ended>);
  };
  // Without preventDefault it would end this process too.
  worker.onerror = (event) => {
    event.preventDefault();
    end(event.message || "The worker ended with an error", true);
  };
  worker.onmessageerror = () => end("A message of the worker cannot be read", true);
  return {
    send: (message, transfer = []) => {
      if (!over) worker.postMessage(message, transfer);
    },
    terminate: () => end(undefined, false),
  };
}
