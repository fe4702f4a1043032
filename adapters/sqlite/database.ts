/** One connection to a SQLite file: opened when it is first needed, closed after a damage, opened again by the next use. */
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HistoryError } from "../../core/ports/history.ts";
import { asHistoryError } from "./errors.ts";

/** A writer waits so long for another one. */
const BUSY_MS = 5_000;
/**
 * Readers and a writer do not wait for each other (WAL); only a file that another program has for itself alone, or that is
 * being recovered, keeps a reader waiting, and that is not worth holding up all others that read.
 */
const READER_BUSY_MS = 50;

export class Database {
  readonly file: string;
  readonly #readOnly: boolean;
  #open: DatabaseSync | undefined;
  #statements = new Map<string, StatementSync>();
  #closed = false;

  /** `readOnly`: a file that is not there yet is `unreachable`, and is not made. */
  constructor(file: string, { readOnly = false }: { readOnly?: boolean } = {}) {
    this.file = file;
    this.#readOnly = readOnly;
  }

  /** The prepared statement of a text that stands in the code; kept, so do not make texts of values. */
  prepare(sql: string): StatementSync {
    const database = this.#database();
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = database.prepare(sql));
    return statement;
  }

  /** Runs `work`; what it throws becomes a `HistoryError`. */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Runs `work` in one transaction, alone among writers. All of it happens or nothing. */
  write<T>(work: (database: DatabaseSync) => T): T {
    return this.read(() => {
      const database = this.#database();
      database.exec("begin immediate");
      try {
        const result = work(database);
        database.exec("commit");
        return result;
      } catch (error) {
        // Some errors, as a full disk, have rolled back already.
        if (database.isTransaction) database.exec("rollback");
        throw error;
      }
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #database(): DatabaseSync {
    if (this.#open !== undefined) return this.#open;
    if (this.#closed) throw new HistoryError("refused", `History in ${this.file} is closed`);
    if (this.#readOnly) return this.#open = this.#openToRead();
    Deno.mkdirSync(dirname(this.file), { recursive: true });
    const database = new DatabaseSync(this.file, { timeout: BUSY_MS });
    try {
      // What was written here is deleted from the outbox, so it has to survive a power cut: full.
      // Temporary files would need rights in another folder.
      database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory");
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#open = database;
  }

  #openToRead(): DatabaseSync {
    try {
      Deno.statSync(this.file);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new HistoryError("unreachable", `History in ${this.file} is not ready: nothing was written yet`);
    }
    // Not `readOnly` in the sense of SQLite: then it could not tidy up where it is the last to close the file, and its log,
    // with the latest records in it, would be left beside it.
    const database = new DatabaseSync(this.file, { timeout: READER_BUSY_MS });
    // Temporary files would need rights in another folder.
    database.exec("pragma query_only = on; pragma temp_store = memory");
    return database;
  }

  #failed(error: unknown): HistoryError {
    const failure = asHistoryError(error, this.file);
    if (failure.kind === "refused") this.#drop();
    return failure;
  }

  #drop(): void {
    this.#statements.clear();
    try {
      this.#open?.close();
    } catch {
      // What is broken may not close well either.
    }
    this.#open = undefined;
  }
}
