/**
 * The way to the history: opens it, migrates it before anything else, bounds every use in time, and says how it
 * stands. A history that did not answer within the bound is closed and opened anew.
 */
import { type History, HistoryError } from "../../core/ports/history.ts";
import type { ArchiveStatus } from "../../core/ports/archive.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";

export interface LinkPorts {
  open(): History | Promise<History>;
  clock: Clock;
  log: Log;
  /** Something that counts has changed. */
  changed(): void;
}

/** The history bounds its statements itself; this is for what it does not know of. */
const USE_WITHIN_MS = 60_000;

export class HistoryLink {
  state: ArchiveStatus["history"]["state"] = "starting";
  error: string | null = null;
  #history: History | undefined;
  #migrated = false;
  #closed = false;
  /** Pending while it is opened, for all who wait for it. */
  #opening: Promise<History> | undefined;
  readonly #ports: LinkPorts;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  /** Throws `HistoryError`, whatever went wrong; what is not one is told as `refused`. */
  async use<T>(work: (history: History) => Promise<T>, withinMs = USE_WITHIN_MS): Promise<T> {
    if (this.#closed) throw new HistoryError("unreachable", "History is closed");
    try {
      const result = await this.#bounded(async () => await work(await this.#ready()), withinMs);
      this.#works();
      return result;
    } catch (problem) {
      const error = asHistoryError(problem);
      this.#fails(error);
      throw error;
    }
  }

  /** As `use`, without a bound, and for what may fail without the history being to blame: its state stays as it is. */
  async aside<T>(work: (history: History) => Promise<T>): Promise<T> {
    if (this.#closed) throw new HistoryError("unreachable", "History is closed");
    try {
      return await work(await this.#ready());
    } catch (problem) {
      throw asHistoryError(problem);
    }
  }

  /** Closes it for good, within a bound. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    const history = this.#history;
    this.#history = undefined;
    if (history === undefined) return;
    try {
      await this.#bounded(() => history.close(), withinMs);
    } catch (error) {
      this.#ports.log.warning("History did not close", { reason: asHistoryError(error).message });
    }
  }

  #ready(): Promise<History> {
    if (this.#history !== undefined && this.#migrated) return Promise.resolve(this.#history);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<History> {
    const history = this.#history ??= await this.#ports.open();
    await history.migrate();
    this.#migrated = true;
    return history;
  }

  #bounded<T>(work: () => Promise<T>, withinMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#ports.clock.after(withinMs, () => {
        reject(new HistoryError("unreachable", `History did not answer within ${withinMs / 1000} s`));
        this.#history?.close().catch(() => {});
        this.#history = undefined;
        this.#opening = undefined;
      });
      work().then(resolve, reject).finally(cancel);
    });
  }

  #works(): void {
    if (this.state === "ok") return;
    if (this.state !== "starting") this.#ports.log.info("History is back");
    this.state = "ok";
    this.error = null;
    this.#ports.changed();
  }

  #fails({ kind, message }: HistoryError): void {
    if (this.#closed) return;
    this.error = message;
    // It may come back as another: replaced, or restored from a copy.
    this.#migrated = false;
    if (this.state === kind) return;
    this.state = kind;
    if (kind === "refused") this.#ports.log.error("History refuses", { error: message });
    else this.#ports.log.warning("History is unreachable; the outbox keeps everything", { error: message });
    this.#ports.changed();
  }
}

export function asHistoryError(problem: unknown): HistoryError {
  if (problem instanceof HistoryError) return problem;
  const message = problem instanceof Error ? problem.message : String(problem);
  return new HistoryError("refused", message, { cause: problem });
}
