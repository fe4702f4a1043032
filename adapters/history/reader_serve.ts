/** The worker's side of the messages. Whatever is thrown but a `HistoryError` ends the worker here. */
import { HistoryError } from "../../core/ports/history.ts";
import type { SqliteReading } from "../sqlite/reading.ts";
import type { FromReader, ToReader } from "./reader_messages.ts";

/** `open`: the reading of a file, or what a test puts in its place. */
export function serveReader(open: (file: string) => Pick<SqliteReading, "answer" | "close">): void {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const say = (message: FromReader) => scope.postMessage(message);
  let reading: ReturnType<typeof open> | undefined;
  let ending = false;

  function end(error: string | undefined): void {
    if (ending) return;
    ending = true;
    reading?.close();
    say({ kind: "ended", error });
    scope.close();
  }

  scope.addEventListener("error", (event) => {
    event.preventDefault();
    end(describe(event.error ?? event.message));
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end(describe(event.reason));
  });
  scope.addEventListener("message", ({ data }: MessageEvent<ToReader>) => {
    if (ending) return;
    if (data.kind === "open") reading = open(data.file);
    else if (data.kind === "close") end(undefined);
    else {
      try {
        say({ kind: "answer", answer: reading!.answer(data.question) });
      } catch (error) {
        if (!(error instanceof HistoryError)) throw error;
        say({ kind: "failed", error: { kind: error.kind, message: error.message } });
      }
    }
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
