/** The worker's side of the messages. Whatever is thrown but a `HistoryError` ends the worker. */
import { HistoryError } from "../../core/ports/history.ts";
import type { SqliteReading } from "../sqlite/reading.ts";
import { serve } from "../threads/serve.ts";
import type { FromReader, ToReader } from "./reader_messages.ts";

/** `open`: the reading of a file, or what a test puts in its place. */
export function serveReader(open: (file: string) => Pick<SqliteReading, "answer" | "close">): void {
  let reading: ReturnType<typeof open> | undefined;
  const { say, end } = serve<ToReader, FromReader>(take, () => reading?.close());

  function take(message: ToReader): void {
    if (message.kind === "open") reading = open(message.file);
    else if (message.kind === "close") end();
    else {
      try {
        say({ kind: "answer", answer: reading!.answer(message.question) });
      } catch (error) {
        if (!(error instanceof HistoryError)) throw error;
        say({ kind: "failed", error: { kind: error.kind, message: error.message } });
      }
    }
  }
}
