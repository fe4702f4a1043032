/** Starts the archive's Web Worker and tells what becomes of it. */
import type { FromWorker, ToWorker } from "./messages.ts";

export interface ArchiveWorker {
  send(message: ToWorker, transfer?: ArrayBuffer[]): void;
  /** Ends it from outside; nothing is told of it any more. A thread that hangs in the disk goes on to hang. */
  terminate(): void;
}

export interface ArchiveWorkerEvents {
  message(message: Exclude<FromWorker, { kind: "ended" }>): void;
  /** It ended: asked to (`error` undefined) or by an exception. Called once; nothing is called after it. */
  ended(error: string | undefined): void;
}

export type ArchiveHost = (events: ArchiveWorkerEvents) => ArchiveWorker;

export const archiveWorker: ArchiveHost = (events) =>
  // Written out, because only this form is followed when the program is compiled.
  attach(new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "archive" }), events);

/** `entry` runs in the worker; tests give others. */
export function archiveHost(entry: URL): ArchiveHost {
  return (events) => attach(new Worker(entry, { type: "module", name: "archive" }), events);
}

function attach(worker: Worker, events: ArchiveWorkerEvents): ArchiveWorker {
  let ended = false;
  const end = (error: string | undefined, tell: boolean) => {
    if (ended) return;
    ended = true;
    worker.terminate();
    if (tell) events.ended(error);
  };
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
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
    send: (message, transfer = []) => {
      if (!ended) worker.postMessage(message, transfer);
    },
    terminate: () => end(undefined, false),
  };
}
