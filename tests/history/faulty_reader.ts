/**
 * A worker that reads the history as the real one does, unless the file `FILE.fault` is there; it is removed, and then:
 * `crash` throws, `stuck` stops the thread for a while.
 */
import { serveReader } from "../../adapters/history/reader_serve.ts";
import { SqliteReading } from "../../adapters/sqlite/reading.ts";

/** Not for ever: nothing could end the thread, nor then the process of the test. */
const STUCK_MS = 5_000;

serveReader((file) => {
  const reading = new SqliteReading(file);
  return {
    answer(question) {
      const fault = take(`${file}.fault`);
      if (fault === "crash") throw new Error("Scripted: crash");
      if (fault === "stuck") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STUCK_MS);
      return reading.answer(question);
    },
    close: () => reading.close(),
  };
});

function take(file: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(file);
    Deno.removeSync(file);
    return text;
  } catch {
    return undefined;
  }
}
