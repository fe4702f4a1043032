/** Starts the archive's Web Worker. */
import { attach, type ThreadHost } from "../threads/attach.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

export type ArchiveHost = ThreadHost<ToWorker, FromWorker>;

export const archiveWorker: ArchiveHost = (events) =>
  // Written out, because only this form is followed when the program is compiled.
  attach(new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "archive" }), events);

/** `entry` runs in the worker; tests give others. */
export function archiveHost(entry: URL): ArchiveHost {
  return (events) => attach(new Worker(entry, { type: "module", name: "archive" }), events);
}
