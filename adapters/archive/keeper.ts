/**
 * Keeps what arrives: in the outbox at once, or in memory while the outbox cannot be written. It opens the outbox, opens
 * it again after trouble, and hands records out in order: first what is durable, then what waits in memory, so that a
 * full disk alone loses nothing while the history answers.
 *
 * What waits in memory is bounded by the sender, who sends only so much ahead of what was acknowledged (backlog.ts).
 */
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import { Backoff } from "../../core/app/backoff.ts";
import type { Parcel, Report } from "./messages.ts";
import { Outbox, type Rejected } from "./outbox.ts";
import { type OutboxError, outboxError, type OutboxTrouble } from "./outbox_error.ts";
import { type Kept, keptOf, timeOf } from "./records.ts";

export interface KeeperPorts {
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1). */
  random(): number;
  /**
   * The running minute as the process before left it, where the outbox could only be read some time after `start`. It stays
   * in the outbox until the next checkpoint.
   */
  recovered(bars: Bar[]): void;
  /** Something that counts has changed. */
  changed(): void;
}

/** Records on their way to the history. */
export interface Taken {
  records: readonly Kept[];
  /** They are written, except for the rejected ones, which are put aside. */
  done(rejected: readonly Rejected[]): void;
  /** They could not be written; they come again. */
  failed(): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
/**
 * Past an outbox that cannot be read records go only when it is not about to be back: what is in it comes first. Earlier
 * versions of minutes that follow when it is back are passed over by the history.
 */
const PAST_AFTER_MS = 5_000;

export class Keeper {
  keptThrough = 0;
  dropped = 0;
  #outbox: Outbox | undefined;
  /** The outbox takes what arrives. It may be open and not take anything: a full disk can still be read. */
  #takes = false;
  #opened: boolean;
  #error: string | null = null;
  #trouble: OutboxTrouble | undefined;
  #waiting: Parcel[] = [];
  /** What earlier instances of the same file have written; see `Outbox.written`. */
  #written = 0;
  #retries = false;
  #cancelRetry = () => {};
  #finishing = false;
  /** When this trouble began, ms since the epoch. */
  #failingSince = 0;
  readonly #file: string;
  readonly #folder: string;
  readonly #maxRecords: number;
  readonly #ports: KeeperPorts;
  readonly #backoff: Backoff;

  /** `resumed`: the open minutes in the outbox are this process's own. */
  constructor(dataDir: string, maxRecords: number, resumed: boolean, ports: KeeperPorts) {
    this.#folder = dataDir;
    this.#file = `${dataDir}/outbox.sqlite`;
    this.#maxRecords = maxRecords;
    this.#opened = resumed;
    this.#ports = ports;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, ports.random);
  }

  /** The first try. Returns the minute that is still running, as the process before left it. */
  start(): Bar[] {
    return this.#open();
  }

  add(parcel: Parcel): void {
    this.#waiting.push(parcel);
    if (this.#takes) this.#flush();
    this.#ports.changed();
  }

  /** The next records for the history, oldest first; undefined where there are none. */
  take(limit: number): Taken | undefined {
    const outbox = this.#outbox;
    if (outbox !== undefined) {
      try {
        const { records, through } = outbox.peek(limit);
        if (records.length > 0) {
          return {
            records,
            done: (rejected) => this.#remove(outbox, through, rejected),
            failed: () => outbox.putBack(),
          };
        }
      } catch (error) {
        this.#fail(error);
      }
    }
    if (this.#takes || outbox === undefined && !this.#mayPass()) return undefined;
    return this.#takeWaiting(limit);
  }

  /** There is no time to wait for an outbox that does not work. */
  finish(): void {
    this.#finishing = true;
  }

  /** For when there is nothing to drain: gives space back to the disk. Returns whether there is more to give. */
  tidy(): boolean {
    try {
      return this.#takes && this.#outbox !== undefined && this.#outbox.shrink();
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  report(): Report["outbox"] {
    return {
      state: this.#error === null ? "ok" : "failing",
      records: this.#outbox?.records ?? 0,
      dropped: this.dropped,
      rejected: this.#outbox?.rejected ?? 0,
      error: this.#error,
      oldestTime: this.#oldestTime(),
      opened: this.#opened,
    };
  }

  /** A last try to make durable what waits, then the file is closed. Returns how many records are lost with it. */
  close(): number {
    this.#cancelRetry();
    this.#finishing = true;
    if (this.#waiting.length > 0) this.#retry();
    this.#cancelRetry();
    this.#outbox?.close();
    this.#outbox = undefined;
    this.#takes = false;
    return this.#waiting.reduce((sum, parcel) => sum + recordsOf(parcel).length, 0);
  }

  /** Does what is not done of it: a disk that is full may let the file be opened, and nothing be taken over. */
  #open(): Bar[] {
    try {
      if (this.#outbox === undefined) {
        Deno.mkdirSync(this.#folder, { recursive: true });
        this.#outbox = new Outbox(this.#file, this.#maxRecords, this.#written);
      }
      const recovered = this.#opened ? [] : this.#outbox.takeOver(this.#running());
      this.#opened = true;
      this.#flush();
      return recovered;
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  /** Begin of the minute that the program can still add its part to. */
  #running(): number | undefined {
    const now = this.#ports.clock.now();
    return this.#finishing ? undefined : now - now % MINUTE_MS;
  }

  /** Makes durable what waits, in order. */
  #flush(): void {
    const outbox = this.#outbox;
    if (outbox === undefined) return;
    try {
      for (let parcel = this.#waiting[0]; parcel !== undefined; parcel = this.#waiting[0]) {
        if (parcel.kind === "checkpoint") outbox.checkpoint(parcel.minutes);
        else this.#drop(outbox.append(keptOf(parcel)));
        this.#kept(parcel.id);
      }
      this.#recovered();
    } catch (error) {
      this.#fail(error);
    }
  }

  #drop(records: number): void {
    if (records === 0) return;
    if (this.dropped === 0) {
      this.#ports.log.error("Outbox is full; the oldest records are dropped", {
        maxRecords: this.#maxRecords,
      });
    }
    this.dropped += records;
  }

  /** Parcels up to this one are kept. */
  #kept(id: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].id <= id) this.#waiting.shift();
    this.keptThrough = Math.max(this.keptThrough, id);
  }

  #takeWaiting(limit: number): Taken | undefined {
    const records: Kept[] = [];
    let last: Parcel | undefined;
    for (const parcel of this.#waiting) {
      const more = recordsOf(parcel);
      if (records.length > 0 && records.length + more.length > limit) break;
      records.push(...more);
      last = parcel;
    }
    if (last === undefined) return undefined;
    const { id } = last;
    return { records, done: (rejected) => this.#wroteWaiting(id, rejected), failed: () => {} };
  }

  /**
   * Never past an outbox that another program has: both write to the same history, and what that one has seen of a minute is
   * no version of what this one has.
   */
  #mayPass(): boolean {
    if (this.#trouble === "inUse") return false;
    return this.#finishing || Math.abs(this.#ports.clock.now() - this.#failingSince) >= PAST_AFTER_MS;
  }

  #wroteWaiting(id: number, rejected: readonly Rejected[]): void {
    this.#kept(id);
    this.#logLost(rejected);
    this.#ports.changed();
  }

  #remove(outbox: Outbox, through: number, rejected: readonly Rejected[]): void {
    // After trouble it may be another file.
    if (outbox !== this.#outbox) return;
    try {
      outbox.remove(through, rejected);
    } catch (error) {
      this.#logLost(rejected);
      this.#fail(error);
    }
    this.#ports.changed();
  }

  #oldestTime(): number | null {
    const times = this.#waiting.flatMap((parcel) => recordsOf(parcel).slice(0, 1)).map(timeOf);
    try {
      const durable = this.#outbox?.oldestTime() ?? null;
      if (durable !== null) times.push(durable);
    } catch {
      // What is wrong with it is found, and told, where it is used.
    }
    return times.length === 0 ? null : Math.min(...times);
  }

  #recovered(): void {
    this.#takes = true;
    this.#backoff.reset();
    if (this.#error !== null) this.#ports.log.info("Outbox is back", { file: this.#file });
    this.#error = null;
    this.#trouble = undefined;
    this.#ports.changed();
  }

  #fail(problem: unknown): void {
    const error = outboxError(this.#file, problem);
    this.#takes = false;
    if (this.#error === null) this.#failingSince = this.#ports.clock.now();
    if (error.message !== this.#error) this.#ports.log.error("Outbox fails", { error: error.message });
    this.#error = error.message;
    this.#trouble = error.trouble;
    if (error.trouble !== "full") this.#letGo(error);
    if (!this.#retries) {
      this.#retries = true;
      this.#cancelRetry = this.#ports.clock.after(this.#backoff.next(), () => this.#retry());
    }
    this.#ports.changed();
  }

  #letGo({ trouble }: OutboxError): void {
    const outbox = this.#outbox;
    this.#outbox = undefined;
    this.#written = Math.max(this.#written, outbox?.written ?? 0);
    outbox?.close();
    if (trouble !== "corrupt") return;
    this.dropped += outbox?.records ?? 0;
    this.#written = 0;
    this.#moveAside();
  }

  #moveAside(): void {
    const aside = `${this.#file}.corrupt-${new Date(this.#ports.clock.now()).toISOString()}`;
    try {
      Deno.renameSync(this.#file, aside);
      this.#ports.log.error("Outbox was corrupt and is moved aside; a new one begins", { aside });
      Deno.renameSync(`${this.#file}-wal`, `${aside}-wal`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      this.#ports.log.error("Corrupt outbox cannot be moved aside", { reason: String(error) });
    }
  }

  #retry(): void {
    this.#retries = false;
    if (this.#outbox === undefined || !this.#opened) {
      const recovered = this.#open();
      if (recovered.length > 0) this.#ports.recovered(recovered);
      return;
    }
    try {
      if (this.#waiting.length === 0) this.#outbox.probe();
    } catch (error) {
      return this.#fail(error);
    }
    this.#flush();
  }

  /** There is no file to put them into; the log is what is left. */
  #logLost(rejected: readonly Rejected[]): void {
    for (const { record, error } of rejected) {
      this.#ports.log.error("Record that the history refused is lost", {
        error,
        record: JSON.stringify(record),
      });
    }
  }
}

function recordsOf(parcel: Parcel): Kept[] {
  return parcel.kind === "keep" ? keptOf(parcel) : [];
}
