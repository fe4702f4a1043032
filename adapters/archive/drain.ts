/**
 * Takes records from the outbox to the history, in order, in batches, and tries again with backoff while that does not
 * work. When everything is written it begins to remove what is too old: only then are the hour and day bars complete
 * that outlive the minutes. What arrives while it removes is written all the same.
 */
import type { Clock } from "../../core/ports/clock.ts";
import type { HistoryError, Retention } from "../../core/ports/history.ts";
import type { Log } from "../../core/ports/log.ts";
import { Backoff } from "../../core/app/backoff.ts";
import type { HistoryLink } from "./history_link.ts";
import type { Keeper, Taken } from "./keeper.ts";
import type { Rejected } from "./outbox.ts";
import { writeSieved } from "./sieve.ts";
import { Wakeable } from "./wakeable.ts";

export interface DrainPorts {
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1). */
  random(): number;
  changed(): void;
}

const BATCH_RECORDS = 5_000;
const FIRST_RETRY_MS = 250;
/** So that draining begins within five seconds when the history is back. */
const LONGEST_RETRY_MS = 5_000;
/** One that refuses has to be mended by somebody. */
const LONGEST_REFUSED_RETRY_MS = 60_000;
const CLEAN_EVERY_MS = 3_600_000;
const CLEAN_JITTER_MS = 300_000;
/** Between two looks while there is nothing to do; what arrives wakes it. */
const IDLE_MS = 60_000;

export class Drain {
  /** Since the start. */
  records = 0;
  rejected = 0;
  cleanedAt: number | null = null;
  lastRejection: string | null = null;
  #cleanAt = 0;
  #cleaning = false;
  #stopping = false;
  readonly #keeper: Keeper;
  readonly #link: HistoryLink;
  readonly #retention: Retention;
  readonly #ports: DrainPorts;
  readonly #rest: Wakeable;
  readonly #unreachable: Backoff;
  readonly #refused: Backoff;

  constructor(keeper: Keeper, link: HistoryLink, retention: Retention, ports: DrainPorts) {
    this.#keeper = keeper;
    this.#link = link;
    this.#retention = retention;
    this.#ports = ports;
    this.#rest = new Wakeable(ports.clock);
    this.#unreachable = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, ports.random);
    this.#refused = new Backoff(FIRST_RETRY_MS, LONGEST_REFUSED_RETRY_MS, ports.random);
  }

  /** There may be something to do. Does not cut a wait after a failure short. */
  wake(): void {
    this.#rest.wake();
  }

  /** Asks `run` to return as soon as everything is written, or writing fails. */
  finish(): void {
    this.#stopping = true;
    this.#rest.end();
  }

  async run(): Promise<void> {
    for (;;) {
      const taken = this.#keeper.take(BATCH_RECORDS);
      try {
        if (taken !== undefined) await this.#write(taken);
        else if (this.#stopping) return;
        else await this.#idle();
        this.#unreachable.reset();
        this.#refused.reset();
      } catch (error) {
        taken?.failed();
        if (this.#stopping) return;
        await this.#rest.sleep(this.#delayMs(error as HistoryError));
      }
    }
  }

  #delayMs({ kind }: HistoryError): number {
    return kind === "refused" ? this.#refused.next() : this.#unreachable.next();
  }

  async #write({ records, done }: Taken): Promise<void> {
    const rejected = records.length === 0
      ? []
      : await this.#link.use((history) => writeSieved(history, records));
    done(rejected);
    this.records += records.length - rejected.length;
    if (rejected.length > 0) this.#putAside(rejected);
    this.#ports.changed();
    // Without a pause an embedded history would keep the thread from what arrives.
    await this.#ports.clock.turn();
  }

  #putAside(rejected: readonly Rejected[]): void {
    this.rejected += rejected.length;
    this.lastRejection = rejected.at(-1)!.error;
    this.#ports.log.error("Records that the history refuses are put aside in the outbox, table rejected", {
      records: rejected.length,
      error: this.lastRejection,
    });
  }

  async #idle(): Promise<void> {
    const { clock, random } = this.#ports;
    const now = clock.now();
    if (now >= this.#cleanAt) {
      // Also opens a history that nothing was written to yet; when it cannot be opened, that is tried again soon.
      await this.#link.use(() => Promise.resolve());
      // Whatever becomes of it: trouble with old data, such as a reader that holds it, is none with new data.
      this.#cleanAt = now + CLEAN_EVERY_MS + CLEAN_JITTER_MS * random();
      if (!this.#cleaning) void this.#clean(now);
    } else if (this.#keeper.tidy()) await clock.turn();
    else await this.#rest.untilWoken(Math.min(IDLE_MS, this.#cleanAt - now));
  }

  /** Never rejects. Nobody waits for it: every step has its own bound, and there may be many. */
  async #clean(now: number): Promise<void> {
    this.#cleaning = true;
    try {
      const removed = await this.#link.aside((history) => history.removeOld(this.#retention, now));
      this.cleanedAt = now;
      this.#ports.log.debug("Old data is removed", removed);
      this.#ports.changed();
    } catch (problem) {
      if (this.#stopping) return;
      const { message } = problem as HistoryError;
      this.#ports.log.warning("Old data could not be removed; tried again in an hour", { reason: message });
    } finally {
      this.#cleaning = false;
    }
  }
}
