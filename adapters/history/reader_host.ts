/** Starts the Web Worker that reads the history and tells what becomes of it. */
import type { FromReader, ToReader } from "./reader_messages.ts";

export interface ReaderWorker {
  send(message: ToReader): void;
  /** Ends it from outside; nothing is told of it any more. A thread that hangs in the disk goes on to hang. */
  terminate(): void;
}

export interface ReaderWorkerEvents {
  message(message: Exclude<FromReader, { kind: "ended" }>): void;
  /** It ended: asked to (`error` undefined) or by an exception. Called once; nothing is called after it. */
  ended(error: string | undefined): void;
}

export type ReaderHost = (events: ReaderWorkerEvents) => ReaderWorker;

export const readerWorker: ReaderHost = (events) =>
  // Written out, because only this form is followed when the program is compiled.
  attach(
    new Worker(new URL("./reader_worker.ts", import.meta.url), { type: "module", name: "history" }),
    events,
  );

/** `entry` runs in the worker; tests give others. */
export function readerHost(entry: URL): ReaderHost {
  return (events) => attach(new Worker(entry, { type: "module", name: "history" }), events);
}

function attach(worker: Worker, events: ReaderWorkerEvents): ReaderWorker {
  let ended = false;
  const end = (error: string | undefined, tell: boolean) => {
    if (ended) return;
    ended = true;
    worker.terminate();
    if (tell) events.ended(error);
  };
  worker.onmessage = ({ data }: MessageEvent<FromReader>) => {
    if (ended) return;
    if (data.kind === "ended") end(data.error, true);
    else events.message(data);
  };
  // Without preventDefault it would end this process too.
  worker.onerror = (event) => {
    event.preventDefault();
    end(event.message || "The worker ended with an error", true);
  };
  worker.onmessageerror = () => end("A message of the worker cannot be read", true);
  return {
    send: (message) => {
      if (!ended) worker.postMessage(message);
    },
    terminate: () => end(undefined, false),
  };
}
