/**
 * The outbox: records that are durable on this machine and on their way to the history, first in, first out, and the
 * minute that is still open.
 *
 * A file of SQLite in WAL mode. With `synchronous=FULL` a transaction that returned is on the disk. The exclusive
 * lock is one of the operating system, so it ends with the process that holds it, however that ends. The WAL keeps
 * its size, so that on a full disk there is room in it to remove what was written to the history.
 *
 * Every method throws `OutboxError`, and has then changed nothing.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Bar } from "../../core/domain/bar.ts";
import { type Kept, keptOfJson, keyOf, minuteKey, timeOf } from "./records.ts";
import { OutboxError, outboxError } from "./outbox_error.ts";

/** A record that the history refused for its own sake. */
export interface Rejected {
  record: Kept;
  error: string;
}

export interface Peeked {
  records: Kept[];
  /** The place of the last of them, for `remove`. */
  through: number;
}

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, time REAL NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE open_minutes (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    error TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${VERSION};`;

const MAX_REJECTED = 10_000;
const WAL_BYTES = 4 << 20;
/** Twice that in hex. */
const PROBE_BYTES = 1 << 19;
/** Free pages of 4 KiB that the file keeps for reuse, and how many are given back at a time. */
const SPARE_PAGES = 1_000;
const SHRINK_PAGES = 500;

export class Outbox {
  /** Records that wait here. */
  records = 0;
  /** Records that were put aside, the last `MAX_REJECTED` at most. */
  rejected = 0;
  readonly file: string;
  readonly #db: DatabaseSync;
  readonly #maxRecords: number;
  readonly #statements = new Map<string, StatementSync>();
  /** Peeked and not removed yet; what is on its way is not dropped. */
  #peeked = 0;
  /** Written to the history; still in the file where removing failed. */
  #written: number;

  /** `written`: the place up to which records of this file were written to the history by this process. */
  constructor(file: string, maxRecords: number, written = 0) {
    this.file = file;
    this.#maxRecords = maxRecords;
    this.#written = written;
    try {
      this.#db = new DatabaseSync(file);
    } catch (error) {
      throw outboxError(file, error);
    }
    try {
      this.#setUp();
    } catch (error) {
      this.close();
      throw outboxError(file, error);
    }
  }

  /** The place up to which records were written to the history. */
  get written(): number {
    return this.#written;
  }

  /**
   * Appends in one transaction; these minutes are not open any more. Returns how many of the oldest had to be dropped
   * for it.
   */
  append(records: readonly Kept[]): number {
    return this.#transaction(() => {
      for (const record of records) this.#insert(record);
      const count = this.records + records.length;
      const dropped = this.#dropOldest(count - this.#maxRecords);
      return { records: count - dropped, value: dropped };
    });
  }

  /** Replaces the minutes that are open. */
  checkpoint(minutes: readonly Bar[]): void {
    this.#transaction(() => {
      this.#run("DELETE FROM open_minutes");
      for (const bar of minutes) {
        this.#run("INSERT OR REPLACE INTO open_minutes VALUES (?, ?)", minuteKey(bar), JSON.stringify(bar));
      }
      return { records: this.records, value: undefined };
    });
  }

  /**
   * The open minutes that a process before left. Those of `running`, the begin of a minute, are returned and stay;
   * the others were cut: they become records, not complete.
   */
  takeOver(running: number | undefined): Bar[] {
    return this.#transaction(() => {
      const bars = this.#all("SELECT body FROM open_minutes").map(({ body }) => JSON.parse(body) as Bar);
      const cut = bars.filter(({ timestamp }) => timestamp !== running);
      for (const bar of cut) this.#insert({ kind: "minute", body: { ...bar, complete: false } });
      return {
        records: this.records + cut.length,
        value: bars.filter(({ timestamp }) => timestamp === running),
      };
    });
  }

  /** The oldest records, at most `limit`; they stay until `remove`, and are not dropped until `putBack`. */
  peek(limit: number): Peeked {
    return this.#try(() => {
      const rows = this.#all(
        "SELECT seq, kind, body FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
        this.#written,
        limit,
      );
      this.#peeked = rows.at(-1)?.seq ?? this.#written;
      const records = rows.map(({ kind, body }) => keptOfJson(kind, body));
      return { records, through: this.#peeked };
    });
  }

  /** What was peeked last could not be written. */
  putBack(): void {
    this.#peeked = this.#written;
  }

  /** When the oldest record came to be, ms since the epoch. */
  oldestTime(): number | null {
    return this.#try(() => {
      const [row] = this.#all("SELECT time FROM records WHERE seq > ? ORDER BY seq LIMIT 1", this.#written);
      return row?.time ?? null;
    });
  }

  /** The records up to here are in the history, except for those that it refused, which are put aside. */
  remove(through: number, rejected: readonly Rejected[]): void {
    const before = this.#written;
    // Whether or not the file can be changed, they are not to be written again.
    this.#written = Math.max(before, through);
    const counted = this.#try(() =>
      this.#count("SELECT count(*) AS n FROM records WHERE seq > ? AND seq <= ?", before, through)
    );
    this.records -= counted;
    this.rejected = this.#transaction(() => {
      this.#run("DELETE FROM records WHERE seq <= ?", this.#written);
      for (const { record, error } of rejected) {
        this.#run(
          "INSERT INTO rejected (kind, key, body, error) VALUES (?, ?, ?, ?)",
          record.kind,
          keyOf(record),
          JSON.stringify(record.body),
          error,
        );
      }
      if (rejected.length > 0) {
        this.#run(
          "DELETE FROM rejected WHERE seq <= (SELECT max(seq) FROM rejected) - ?",
          MAX_REJECTED,
        );
      }
      const value = rejected.length > 0 ? this.#countRejected() : this.rejected;
      return { records: this.records, value };
    });
  }

  /** Whether there is room for a parcel is found by writing as much. */
  probe(): void {
    const write = () =>
      this.#run("INSERT INTO rejected VALUES (-1, '', '', hex(zeroblob(?)), '')", PROBE_BYTES);
    const undo = () => this.#run("DELETE FROM rejected WHERE seq = -1");
    for (const work of [undo, write, undo]) {
      this.#transaction(() => ({ records: this.records, value: work() }));
    }
  }

  /** Gives some of the free space back to the disk. Returns whether there is more. */
  shrink(): boolean {
    return this.#try(() => {
      const free = this.#count("SELECT freelist_count AS n FROM pragma_freelist_count");
      if (free <= SPARE_PAGES) return false;
      // With `all`, because one step of it gives back one page.
      this.#all(`PRAGMA incremental_vacuum(${SHRINK_PAGES})`);
      const more = free - SHRINK_PAGES > SPARE_PAGES;
      if (!more) this.#all("PRAGMA wal_checkpoint(RESTART)");
      return more;
    });
  }

  close(): void {
    try {
      this.#db.close();
    } catch {
      // It is closed, or cannot be: either way there is nothing more to do with it.
    }
  }

  #setUp(): void {
    const db = this.#db;
    db.exec(`
      PRAGMA busy_timeout = 0;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = ${WAL_BYTES};`);
    // Takes the lock for good; a write, because two processes may read.
    db.exec("BEGIN IMMEDIATE");
    const [row] = this.#all("PRAGMA user_version");
    const version = row?.user_version ?? 0;
    if (version > VERSION) {
      throw new OutboxError(
        "broken",
        `Outbox ${this.file} was written by a newer version of this program: use that one, or another dataDir`,
      );
    }
    if (version < VERSION) db.exec(SCHEMA);
    db.exec("COMMIT");
    this.records = this.#count("SELECT count(*) AS n FROM records");
    this.rejected = this.#countRejected();
    // Another file under this name begins to count anew.
    const last = this.#count("SELECT coalesce(max(seq), 0) AS n FROM sqlite_sequence WHERE name = 'records'");
    if (last < this.#written) this.#written = 0;
    if (this.#written > 0) {
      this.records = this.#count("SELECT count(*) AS n FROM records WHERE seq > ?", this.#written);
    }
  }

  #insert(record: Kept): void {
    const key = keyOf(record);
    this.#run(
      "INSERT INTO records (kind, key, time, body) VALUES (?, ?, ?, ?)",
      record.kind,
      key,
      timeOf(record),
      JSON.stringify(record.body),
    );
    // It is not open any more.
    if (record.kind !== "episode") this.#run("DELETE FROM open_minutes WHERE key = ?", key);
  }

  /** Without the row of `probe`. */
  #countRejected(): number {
    return this.#count("SELECT count(*) AS n FROM rejected WHERE seq > 0");
  }

  #dropOldest(count: number): number {
    if (count <= 0) return 0;
    return this.#run(
      "DELETE FROM records WHERE seq IN (SELECT seq FROM records WHERE seq > ? ORDER BY seq LIMIT ?)",
      Math.max(this.#written, this.#peeked),
      count,
    );
  }

  #transaction<T>(work: () => { records: number; value: T }): T {
    return this.#try(() => {
      try {
        this.#db.exec("BEGIN IMMEDIATE");
        const { records, value } = work();
        this.#db.exec("COMMIT");
        this.records = records;
        return value;
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw outboxError(this.file, error);
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }

  #run(sql: string, ...values: (string | number)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  // deno-lint-ignore no-explicit-any -- Each statement has its own columns.
  #all(sql: string, ...values: (string | number)[]): any[] {
    return this.#statement(sql).all(...values);
  }

  #count(sql: string, ...values: number[]): number {
    return this.#all(sql, ...values)[0].n;
  }
}
