/** Starts the Web Worker that reads the history. */
import { attach, type ThreadHost } from "../threads/attach.ts";
import type { FromReader, ToReader } from "./reader_messages.ts";

export type ReaderHost = ThreadHost<ToReader, FromReader>;

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
