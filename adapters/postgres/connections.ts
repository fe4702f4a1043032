/**
 * A few connections to PostgreSQL, each used by one transaction at a time, with a deadline for everything.
 *
 * The client (postgres.js) is given one socket and is thrown away with it: left to reconnect by itself it runs the rest of
 * a transaction outside of it, or crashes on a socket that has closed (its issues 1133, 1208, 1216). So a connection on
 * which anything failed is destroyed and the next call makes a new one; waiting between calls is up to the caller.
 *
 * Nothing outlives a transaction (no prepared statements, no settings), so that a pooler in transaction mode may stand
 * in between.
 */
import type { Socket } from "node:net";
import postgres from "postgres";
import { HistoryError } from "../../core/ports/history.ts";
import { type Address, nameOf } from "./address.ts";
import { asHistoryError } from "./errors.ts";
import { connectSocket } from "./socket.ts";

/** At once to one server. */
const CONNECTIONS = 3;
/** Calls that wait for one of these; more are turned away. */
const WAITING = 200;
/** The server gives up this long before we do, so that it can say so. */
const SERVER_FIRST = 0.8;

export type Row = Record<string, string | number | boolean | null>;

/** What can be done in a transaction. */
export interface Transaction {
  /** Runs one statement with parameters, or several without. */
  query<T = Row>(text: string, parameters?: readonly (string | number | null)[]): Promise<T[]>;
  /** Feeds `chunks` to a `COPY … FROM STDIN`. A chunk may be reused once the next one is asked for. */
  copy(text: string, chunks: Iterable<Uint8Array>): Promise<void>;
}

export interface RunOptions {
  /** All of it: waiting for a connection, connecting, the transaction. */
  withinMs?: number;
  readOnly?: boolean;
}

export class Connections {
  readonly address: Address;
  readonly #withinMs: number;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  /** `withinMs`: how long a call may take unless it says otherwise. Connects when it is first used. */
  constructor(address: Address, withinMs: number) {
    this.address = address;
    this.#withinMs = withinMs;
  }

  /** Runs `work` in a transaction of its own. All of it happens, or nothing; after a lost connection either. */
  async run<T>(work: (transaction: Transaction) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const withinMs = options.withinMs ?? this.#withinMs;
    const end = performance.now() + withinMs;
    const late = () =>
      new HistoryError(
        "unreachable",
        `PostgreSQL at ${nameOf(this.address)} did not answer within ${withinMs} ms`,
      );
    const connection = await this.#take(end, late);
    const timeout = setTimeout(() => connection.lose(late()), Math.max(0, end - performance.now()));
    try {
      const result = await connection.run(work, withinMs * SERVER_FIRST, options.readOnly ?? false);
      if (!connection.isLost) this.#idle.push(connection);
      return result;
    } catch (error) {
      connection.lose();
      throw asHistoryError(error, this.address);
    } finally {
      clearTimeout(timeout);
      this.#waiting.shift()?.();
    }
  }

  /** Calls under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#all].map((connection) => connection.end()));
  }

  async #take(end: number, late: () => HistoryError): Promise<Connection> {
    // Whoever was woken may find that another call was quicker.
    while (!this.#closed && this.#idle.length === 0 && this.#all.size >= CONNECTIONS) {
      await this.#wait(end, late);
    }
    if (this.#closed) {
      throw new HistoryError("refused", `Connection to PostgreSQL at ${nameOf(this.address)} is closed`);
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const connection = new Connection(this.address, () => {
      this.#all.delete(connection);
      const at = this.#idle.indexOf(connection);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#all.add(connection);
    return connection;
  }

  /** Until another call is done. */
  #wait(end: number, late: () => HistoryError): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= WAITING) return reject(late());
      const timeout = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        reject(late());
      }, Math.max(0, end - performance.now()));
      const wake = () => {
        clearTimeout(timeout);
        resolve();
      };
      this.#waiting.push(wake);
    });
  }
}

class Connection {
  readonly #sql: postgres.Sql;
  readonly #abort = new AbortController();
  readonly #onLost: () => void;
  /** Tells the transaction under way that the connection is lost. */
  #reject: (why: Error) => void = () => {};
  isLost = false;

  constructor(address: Address, onLost: () => void) {
    this.#onLost = onLost;
    this.#sql = client(address, () => this.#connect(address));
  }

  async #connect(address: Address): Promise<Socket> {
    if (this.isLost) throw new Error("Connection is gone");
    const socket = await connectSocket(address, this.#abort.signal);
    socket.once(
      "close",
      () => this.lose(new HistoryError("unreachable", `PostgreSQL at ${nameOf(address)} is gone`)),
    );
    return socket;
  }

  /** Rejects as soon as the connection is lost, whatever the client makes of it. */
  async run<T>(
    work: (transaction: Transaction) => Promise<T>,
    timeoutMs: number,
    readOnly: boolean,
  ): Promise<T> {
    // One of this call's own: a promise that lives as long as the connection would hold every result as long.
    const lost = Promise.withResolvers<never>();
    this.#reject = lost.reject;
    try {
      return await Promise.race([this.#transaction(work, Math.ceil(timeoutMs), readOnly), lost.promise]);
    } finally {
      this.#reject = () => {};
    }
  }

  async #transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    timeoutMs: number,
    readOnly: boolean,
  ): Promise<T> {
    // Numbers are told as text, and an old setting of the server can round them.
    const begun = this.#query(
      `begin${readOnly ? " read only" : ""}; set local statement_timeout = ${timeoutMs}; ` +
        `set local idle_in_transaction_session_timeout = ${timeoutMs}; set local extra_float_digits = 1`,
    ).execute();
    // The first statement is sent right behind it. What keeps it from beginning, a wrong password for one, is told first.
    const [result] = await Promise.all([
      work({
        query: <R>(text: string, parameters?: readonly (string | number | null)[]) =>
          this.#query(text, parameters) as unknown as Promise<R[]>,
        copy: (text, chunks) => this.#copy(text, chunks),
      }),
      begun,
    ]);
    const { command } = await this.#query("commit") as unknown as { command: string };
    // Where a statement has failed, the server ends the transaction all the same, and says only this.
    if (command !== "COMMIT") throw new Error(`Transaction ended with ${command}`);
    return result;
  }

  #query(
    text: string,
    parameters: readonly (string | number | null)[] = [],
  ): postgres.PendingQuery<postgres.Row[]> {
    if (this.isLost) throw new Error("Connection is gone");
    return this.#sql.unsafe(text, [...parameters]);
  }

  /**
   * The client settles the query when the server is ready for rows, and tells nobody of an error that comes after the
   * last of them. It still calls the query's `resolve` and `reject` then, so these are put to use once more.
   */
  async #copy(text: string, chunks: Iterable<Uint8Array>): Promise<void> {
    const query = this.#query(text);
    const stream = await query.writable();
    const complete = new Promise<unknown>((resolve, reject) => Object.assign(query, { resolve, reject }));
    complete.catch(() => {});
    // It says no more than the query does; without a listener it would end the program.
    stream.on("error", () => {});
    for (const chunk of chunks) {
      // The client copies the chunk when it takes it, which is at once, as no other waits.
      await Promise.race([new Promise((resolve) => stream.write(chunk, resolve)), complete]);
    }
    stream.end();
    await complete;
  }

  /** Ends it at once. `why` is what a transaction under way is told. */
  lose(why: Error = new Error("Connection is gone")): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#reject(why);
    this.#abort.abort(why);
    this.#onLost();
  }

  /** Says goodbye to the server first, where nothing is under way. */
  async end(): Promise<void> {
    await this.#sql.end({ timeout: 0 }).catch(() => {});
    this.lose();
  }
}

/** Every option that the client would look up elsewhere is given. */
function client(address: Address, socket: () => Promise<Socket>): postgres.Sql {
  const options = {
    host: address.host,
    port: address.port,
    user: address.user,
    pass: address.password,
    database: address.database,
    connection: { application_name: address.applicationName },
    socket,
    max: 1,
    prepare: false,
    fetch_types: false,
    // The socket comes encrypted where that is asked for.
    ssl: false,
    sslnegotiation: null,
    idle_timeout: null,
    max_lifetime: null,
    connect_timeout: null,
    max_pipeline: 100,
    backoff: 0,
    keep_alive: 60,
    debug: false,
    publications: "alltables",
    target_session_attrs: null,
    onnotice: () => {},
  };
  return postgres(options as unknown as postgres.Options<Record<string, postgres.PostgresType>>);
}
