/** What runs in the archive's worker: keeper, drain and raw quotes around one history, and the report on them. */
import type { Clock } from "../../core/ports/clock.ts";
import type { History } from "../../core/ports/history.ts";
import type { Log } from "../../core/ports/log.ts";
import { Drain } from "./drain.ts";
import { HistoryLink } from "./history_link.ts";
import { Keeper } from "./keeper.ts";
import { type FromWorker, REPORT_EVERY_MS, type ToWorker } from "./messages.ts";
import { RawQuotes } from "./raw_quotes.ts";

/** How a history is opened: `openHistory` of adapters/history, or what a test puts in its place. */
export type OpenHistory = (url: string, options: { dataDir: string }) => History | Promise<History>;

export interface RunPorts {
  openHistory: OpenHistory;
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1). */
  random(): number;
  say(message: FromWorker): void;
  /** A loop ended with an error, which is a bug. */
  failed(error: unknown): void;
}

export interface RunningArchive {
  take(message: Exclude<ToWorker, { kind: "start" | "stop" }>): void;
  /** Drains what it can within the time, makes the rest durable and closes everything. */
  stop(withinMs: number): Promise<void>;
  /** Closes the outbox at once. */
  abort(): void;
}

/** Of the time to stop, what closing the history may take. */
const CLOSE_SHARE = 0.2;

export function runArchive(start: Extract<ToWorker, { kind: "start" }>, ports: RunPorts): RunningArchive {
  const { dataDir, history } = start.settings;
  const { clock, say } = ports;
  let reportDue = false;

  // Several changes of one turn are one report.
  const changed = () => {
    if (reportDue) return;
    reportDue = true;
    queueMicrotask(report);
  };
  const common = { ...ports, changed };
  const link = new HistoryLink({ ...common, open: () => ports.openHistory(history.url, { dataDir }) });
  const keeper = new Keeper(dataDir, history.maxRecords, start.resumed, {
    ...common,
    recovered: (bars) => say({ kind: "recovered", bars }),
    // Also an outbox that could be opened at last has something to drain.
    changed: () => {
      changed();
      drain.wake();
    },
  });
  const drain = new Drain(keeper, link, history.retention, common);
  const quotes = new RawQuotes(link, common);

  function report(): void {
    reportDue = false;
    say({
      kind: "report",
      report: {
        keptThrough: keeper.keptThrough,
        quotesThrough: quotes.through,
        outbox: keeper.report(),
        history: {
          state: link.state,
          records: drain.records,
          quotes: quotes.written,
          quotesDropped: quotes.dropped,
          cleanedAt: drain.cleanedAt,
          error: link.error ?? rejections(drain),
        },
      },
    });
  }

  let stopReports = () => {};
  function reportEverySoOften(): void {
    report();
    stopReports = clock.after(REPORT_EVERY_MS, reportEverySoOften);
  }

  const recovered = keeper.start();
  // First, so that the status is never without what waits in the outbox.
  reportEverySoOften();
  say({ kind: "ready", recovered });
  const loops = Promise.all([drain.run(), quotes.run()]).then(() => {}, ports.failed);

  return {
    take(message) {
      if (message.kind === "quotes") return quotes.add(message.id, message.rows);
      keeper.add(message);
    },
    async stop(withinMs) {
      const closeWithinMs = withinMs * CLOSE_SHARE;
      keeper.finish();
      drain.finish();
      quotes.finish();
      let cancel = () => {};
      const timeUp = new Promise<void>((resolve) => {
        cancel = clock.after(withinMs - 2 * closeWithinMs, resolve);
      });
      await Promise.race([loops, timeUp]);
      cancel();
      await link.close(closeWithinMs);
      const { records } = keeper.report();
      if (records > 0) ports.log.info("Records stay in the outbox for the next start", { records });
      const lost = keeper.close();
      stopReports();
      report();
      if (lost > 0) {
        ports.log.error("Records are lost: neither outbox nor history could be written", { records: lost });
      }
    },
    abort: () => void keeper.close(),
  };
}

function rejections({ rejected, lastRejection }: Drain): string | null {
  if (rejected === 0) return null;
  return `${rejected} records were refused and are put aside in the outbox, table rejected: ${lastRejection}`;
}
