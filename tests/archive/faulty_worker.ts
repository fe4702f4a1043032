/**
 * An archive's worker with the real history, which does what the file `fault` in its dataDir says: `unreachable` or
 * `refused` (every write fails), `hang` (writes never end), `crash` (the worker throws, the file is removed), `stuck` (a
 * loop that does not yield for long). `poison`: bars of the symbol `BAD-X` are refused.
 */
import { openHistory } from "../../adapters/history/open.ts";
import { serveArchive } from "../../adapters/archive/serve.ts";
import { type History, type HistoryBatch, HistoryError, type QuoteRows } from "../../core/ports/history.ts";

/** Longer than the archive waits for a sign of life. */
const STUCK_MS = 20_000;

serveArchive((url, { dataDir }) => {
  const history = openHistory(url, { dataDir });
  const strike = async (batch?: HistoryBatch) => {
    const file = `${dataDir}/fault`;
    const fault = await Deno.readTextFile(file).catch(() => "");
    if (fault === "unreachable" || fault === "refused") throw new HistoryError(fault, `Scripted: ${fault}`);
    if (fault === "poison" && batch?.minutes.some(({ symbol }) => symbol === "BAD-X")) {
      throw new HistoryError("refused", "Scripted: BAD-X");
    }
    if (fault === "hang") await new Promise(() => {});
    if (fault === "crash") {
      await Deno.remove(file);
      setTimeout(() => {
        throw new Error("Scripted: crash");
      });
      await new Promise(() => {});
    }
    if (fault === "stuck") Deno.writeTextFileSync(`${dataDir}/stuck`, "");
    // Not for ever: nothing could end the thread, nor then the process of the test.
    for (const end = Date.now() + STUCK_MS; fault === "stuck" && Date.now() < end;);
  };
  return new Proxy(history, {
    get(target, name: keyof History) {
      if (name === "write") {
        return async (batch: HistoryBatch) => {
          await strike(batch);
          await target.write(batch);
        };
      }
      if (name === "writeQuotes") {
        return async (rows: QuoteRows) => {
          await strike();
          await target.writeQuotes(rows);
        };
      }
      // Also asked for `then`, which is not there.
      return target[name]?.bind(target);
    },
  });
});
