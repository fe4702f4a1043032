/**
 * The port `Archive`, on the core's thread: hands everything to a worker of its own, which owns the outbox and writes
 * the history, so that no disk and no database ever holds up the core. What the worker has not acknowledged is kept
 * here, within a bound, and sent again to the next worker when one crashed.
 *
 * A worker that is silent may hang in the disk, and then nothing can end its thread. It is given up after a while,
 * which helps against everything else; the next one gets the outbox when the disk lets go.
 */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Archive, ArchiveStatus } from "../../core/ports/archive.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import type { Log } from "../../core/ports/log.ts";
import { historyKind, redact } from "../history/url.ts";
import { Backoff } from "../../core/app/backoff.ts";
import { Backlog } from "./backlog.ts";
import type { Thread } from "../threads/attach.ts";
import { type ArchiveHost, archiveWorker } from "./host.ts";
import type { ArchiveSettings, FromWorker, Report, ToWorker } from "./messages.ts";
import { QuotesUnderWay } from "./quotes_under_way.ts";

export interface ArchivePorts {
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1), for the jitter of the backoff. */
  random(): number;
  /**
   * Bars of a minute that may still run, as the process before left them, where they could only be read after
   * `openArchive` resolved. Without it they are kept as cut minutes.
   */
  onRecovered?: (bars: readonly Bar[]) => void;
  /** Tests give others. */
  host?: ArchiveHost;
  /** Records that are held here at most. */
  maxPending?: number;
}

const MAX_PENDING = 100_000;
const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;
/** A worker that ran this long is healthy: its next failure starts the backoff anew. */
const HEALTHY_AFTER_MS = 60_000;
/** How long the first start may hold up the program. */
const START_WITHIN_MS = 10_000;
/** Between two looks for signs of life, of which there are two a second. */
const LOOK_EVERY_MS = 1_000;
/** Looks without one until health says so, and until the worker is given up. */
const SILENT_LOOKS = 10;
const GIVE_UP_LOOKS = 60;
/** Each one given up may be a thread for good. */
const MAX_GIVEN_UP = 3;

/**
 * Starts the archive. `recovered` are the bars of the minute that is still running, as the process before left them:
 * merge them into the minute, or `keep` them. Resolves within ten seconds whatever hangs.
 */
export async function openArchive(
  settings: ArchiveSettings,
  ports: ArchivePorts,
): Promise<{ archive: Archive; recovered: Bar[] }> {
  const archive = new WorkerArchive(settings, ports);
  return { archive, recovered: await archive.start() };
}

const NOTHING_YET: Report = {
  keptThrough: 0,
  quotesThrough: 0,
  outbox: { state: "ok", records: 0, dropped: 0, rejected: 0, error: null, oldestTime: null, opened: false },
  history: { state: "starting", records: 0, quotes: 0, quotesDropped: 0, cleanedAt: null, error: null },
};

class WorkerArchive implements Archive {
  readonly #settings: ArchiveSettings;
  readonly #ports: ArchivePorts;
  readonly #backlog: Backlog;
  readonly #quotes = new QuotesUnderWay();
  readonly #backoff: Backoff;
  #worker: Thread<ToWorker> | undefined;
  #report = NOTHING_YET;
  /** Counters of workers that ended. */
  #before = { dropped: 0, records: 0, quotes: 0, quotesDropped: 0 };
  /** Trouble with the worker itself. */
  #error: string | null = null;
  #opened = false;
  #givenUp = 0;
  #startedAt = 0;
  #silentLooks = 0;
  #cancel = () => {};
  #stopped: Promise<void> | undefined;
  #onEnd: (() => void) | undefined;
  /** Takes the recovered bars while the program waits for them. */
  #onReady: ((recovered: Bar[]) => void) | undefined;

  constructor(settings: ArchiveSettings, ports: ArchivePorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#backlog = new Backlog(ports.maxPending ?? MAX_PENDING);
    this.#backoff = new Backoff(FIRST_RESTART_MS, LONGEST_RESTART_MS, ports.random);
  }

  start(): Promise<Bar[]> {
    return new Promise((resolve) => {
      const done = (recovered: Bar[]) => {
        this.#onReady = undefined;
        cancel();
        resolve(recovered);
      };
      const cancel = this.#ports.clock.after(START_WITHIN_MS, () => done([]));
      this.#onReady = done;
      this.#launch();
    });
  }

  keep({ minutes = [], episodes = [] }: { minutes?: readonly Bar[]; episodes?: readonly Episode[] }): void {
    this.#backlog.keep(minutes, episodes);
    this.#pump();
  }

  checkpoint(minutes: readonly Bar[]): void {
    this.#backlog.checkpoint(minutes);
    this.#pump();
  }

  quotes(rows: QuoteRows): void {
    const parcel = this.#worker === undefined ? this.#quotes.drop(rows) : this.#quotes.add(rows);
    if (parcel === undefined) return;
    this.#worker?.send({ kind: "quotes", ...parcel }, [parcel.rows.rows.buffer as ArrayBuffer]);
  }

  status(): ArchiveStatus {
    const { outbox, history } = this.#report;
    const before = this.#before;
    const times = [outbox.oldestTime, this.#backlog.oldestTime()].filter((time) => time !== null);
    const error = this.#error ?? outbox.error;
    return {
      outbox: {
        state: this.#error === null ? outbox.state : "failing",
        records: outbox.records,
        pending: this.#backlog.records,
        lagMs: times.length === 0
          ? null
          : Math.max(0, Math.round(this.#ports.clock.now() - Math.min(...times))),
        dropped: before.dropped + outbox.dropped + this.#backlog.dropped,
        rejected: outbox.rejected,
        error,
      },
      history: {
        kind: historyKind(this.#settings.history.url) ?? "sqlite",
        url: redact(this.#settings.history.url),
        state: history.state,
        records: before.records + history.records,
        quotes: before.quotes + history.quotes,
        quotesDropped: before.quotesDropped + history.quotesDropped + this.#quotes.dropped,
        cleanedAt: history.cleanedAt,
        error: history.error,
      },
    };
  }

  stop(withinMs: number): Promise<void> {
    this.#stopped ??= this.#stop(withinMs);
    return this.#stopped;
  }

  async #stop(withinMs: number): Promise<void> {
    if (this.#worker === undefined) this.#launch();
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.after(withinMs, resolve);
      this.#onEnd = () => {
        cancel();
        resolve();
      };
      this.#pump(true);
      this.#worker?.send({ kind: "stop", withinMs });
    });
    this.#cancel();
    this.#worker?.terminate();
    this.#worker = undefined;
    const { records } = this.#backlog;
    if (records > 0) {
      this.#ports.log.error("Archive could not make everything durable in time", { records, withinMs });
    }
  }

  #launch(): void {
    this.#cancel();
    const worker = (this.#ports.host ?? archiveWorker)({
      message: (message) => this.#take(message),
      ended: (error) => this.#ended(error),
    });
    this.#worker = worker;
    worker.send({ kind: "start", settings: this.#settings, resumed: this.#opened });
    this.#startedAt = this.#ports.clock.now();
    this.#silentLooks = 0;
    this.#look();
    this.#pump();
  }

  #pump(all = false): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    for (let parcel = this.#backlog.next(all); parcel !== undefined; parcel = this.#backlog.next(all)) {
      worker.send(parcel);
    }
  }

  #take(message: Exclude<FromWorker, { kind: "ended" }>): void {
    this.#silentLooks = 0;
    if (message.kind === "log") this.#ports.log[message.level](message.message, message.fields);
    else if (message.kind === "ready") this.#ready(message.recovered);
    else if (message.kind === "recovered") this.#recovered(message.bars);
    else this.#onReport(message.report);
  }

  #ready(recovered: Bar[]): void {
    if (this.#onReady !== undefined) this.#onReady(recovered);
    else if (recovered.length > 0) this.#recovered(recovered);
  }

  #recovered(bars: readonly Bar[]): void {
    const { onRecovered } = this.#ports;
    // In the end nobody adds anything to them any more.
    if (onRecovered !== undefined && this.#stopped === undefined) onRecovered(bars);
    else this.keep({ minutes: bars.map((bar) => ({ ...bar, complete: false })) });
  }

  #onReport(report: Report): void {
    this.#report = report;
    this.#opened ||= report.outbox.opened;
    if (this.#error !== null) {
      this.#ports.log.info("Archive worker answers again");
      this.#error = null;
    }
    this.#backlog.acknowledge(report.keptThrough);
    this.#quotes.acknowledge(report.quotesThrough);
    this.#pump();
  }

  /** Counts looks, not time, so that a pause of this thread is not taken for the worker's. */
  #look(): void {
    this.#cancel = this.#ports.clock.after(LOOK_EVERY_MS, () => {
      this.#silentLooks++;
      if (this.#silentLooks === SILENT_LOOKS) {
        this.#error = "Archive worker does not answer: its disk may hang";
        this.#ports.log.error(this.#error);
      }
      if (this.#silentLooks < GIVE_UP_LOOKS || this.#givenUp >= MAX_GIVEN_UP) return this.#look();
      this.#givenUp++;
      this.#worker?.terminate();
      this.#ended("Archive worker did not answer and was given up");
    });
  }

  #ended(error: string | undefined): void {
    this.#cancel();
    this.#worker = undefined;
    this.#letGo();
    if (this.#stopped !== undefined) {
      if (error !== undefined) this.#ports.log.error("Archive worker ended with an error", { error });
      return this.#onEnd?.();
    }
    this.#error = `Archive worker ended: ${error ?? "by itself"}`;
    this.#onReady?.([]);
    if (this.#ports.clock.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#backoff.reset();
    const delayMs = this.#backoff.next();
    this.#ports.log.error("Archive worker ended; starting another", { error: error ?? "by itself", delayMs });
    this.#cancel = this.#ports.clock.after(delayMs, () => this.#launch());
  }

  /** What the worker counted stays; what it had not acknowledged goes to the next one. */
  #letGo(): void {
    const { outbox, history } = this.#report;
    this.#before.dropped += outbox.dropped;
    this.#before.records += history.records;
    this.#before.quotes += history.quotes;
    this.#before.quotesDropped += history.quotesDropped;
    this.#report = {
      ...this.#report,
      outbox: { ...outbox, dropped: 0 },
      history: { ...history, records: 0, quotes: 0, quotesDropped: 0 },
    };
    this.#backlog.rewind();
    this.#quotes.lost();
  }
}
