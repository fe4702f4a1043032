/**
 * Reads a history in a SQLite file without a wait for the disk on this thread: a worker takes the steps (steps.ts), one at
 * a time and those of all readers in turn, so that a long question does not keep a short one waiting. No more than one
 * question is with the worker; the others wait here, within a bound, so that a reader who leaves or is late costs nothing.
 *
 * Starting a worker holds up this thread for some 20 ms, so it is done when the program starts; after a failure the first
 * question after the backoff starts another.
 */
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import { Backoff } from "../../core/app/backoff.ts";
import type { Log } from "../../core/ports/log.ts";
import {
  type BarsQuery,
  type EpisodesQuery,
  HistoryError,
  type HistoryReader,
} from "../../core/ports/history.ts";
import type { Answer } from "../sqlite/reading.ts";
import type { Thread } from "../threads/attach.ts";
import { type ReaderHost, readerWorker } from "./reader_host.ts";
import type { FromReader, ToReader } from "./reader_messages.ts";
import { pagesOf, type Question, type Step } from "./steps.ts";

export interface ReaderOptions {
  /** How long a page may take, waiting for others included, ms. */
  withinMs?: number;
  /** Uniform in [0, 1), for the jitter of the backoff. */
  random?: () => number;
  log?: Log;
  /** Tests give others. */
  host?: ReaderHost;
}

const WITHIN_MS = 10_000;
/** Questions that wait; more are turned away. */
const WAITING = 200;
const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;
/** A worker that ran this long is healthy: its next failure starts the backoff anew. */
const HEALTHY_AFTER_MS = 60_000;
/** Workers that do not answer are given up; each may be a thread for good. */
const MAX_GIVEN_UP = 3;
/** How long the worker may take to close the file. */
const CLOSE_WITHIN_MS = 500;

interface Asked {
  question: Question;
  answered(answer: Answer): void;
  failed(error: HistoryError): void;
}

export class WorkerReader implements HistoryReader {
  readonly #file: string;
  readonly #options: ReaderOptions;
  readonly #withinMs: number;
  readonly #backoff: Backoff;
  readonly #waiting = new Set<Asked>();
  /** What the worker is asked. Stays until it answers, also when nobody waits for it any more. */
  #current: Asked | undefined;
  #worker: Thread<ToReader> | undefined;
  #startedAt = 0;
  #askedAt = 0;
  #notBefore = 0;
  #givenUp = 0;
  #closed: Promise<void> | undefined;
  #onEnd = () => {};

  /** Starts the worker, which opens the file with the first question. */
  constructor(file: string, options: ReaderOptions = {}) {
    this.#file = file;
    this.#options = options;
    this.#withinMs = options.withinMs ?? WITHIN_MS;
    this.#backoff = new Backoff(FIRST_RESTART_MS, LONGEST_RESTART_MS, options.random ?? Math.random);
    this.#worker = this.#start();
  }

  bars(query: BarsQuery): AsyncIterable<Bar[]> {
    return pagesOf(query, (rest, left) => this.#page<Bar, BarsQuery>({ kind: "bars", query: rest }, left));
  }

  episodes(query: EpisodesQuery): AsyncIterable<Episode[]> {
    return pagesOf(
      query,
      (rest, left) => this.#page<Episode, EpisodesQuery>({ kind: "episodes", query: rest }, left),
    );
  }

  /** Questions under way fail. Takes half a second at most. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** As many steps as it takes to find something. */
  async #page<Row, Query>(question: Question, left: () => boolean): Promise<Step<Row, Query>> {
    const end = performance.now() + this.#withinMs;
    for (let next = question;;) {
      const step = await this.#ask(next, end) as Step<Row, Query>;
      if (step.rows.length > 0 || step.rest === undefined || left()) return step;
      next = { ...next, query: step.rest } as Question;
    }
  }

  #ask(question: Question, end: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#error("refused", "is closed"));
      if (this.#waiting.size >= WAITING) {
        return reject(this.#error("unreachable", `has too many questions at once: ${WAITING} wait already`));
      }
      const timeout = setTimeout(() => this.#late(asked), Math.max(0, end - performance.now()));
      const asked: Asked = {
        question,
        answered: (answer) => {
          clearTimeout(timeout);
          resolve(answer);
        },
        failed: (error) => {
          clearTimeout(timeout);
          reject(error);
        },
      };
      this.#waiting.add(asked);
      this.#next();
    });
  }

  /** Gives the worker something to do, where there is something and it is idle. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#current !== undefined) return;
    if (this.#worker === undefined && performance.now() < this.#notBefore) {
      this.#failAll(this.#error("unreachable", "cannot be read for the moment: its worker ended"));
      return;
    }
    this.#worker ??= this.#start();
    this.#waiting.delete(first);
    this.#current = first;
    this.#askedAt = performance.now();
    this.#worker.send({ kind: "ask", question: first.question });
  }

  #start(): Thread<ToReader> {
    const worker = (this.#options.host ?? readerWorker)({
      message: (message) => this.#take(message),
      ended: (error) => this.#ended(error),
    });
    this.#startedAt = performance.now();
    worker.send({ kind: "open", file: this.#file });
    return worker;
  }

  #take(message: Exclude<FromReader, { kind: "ended" }>): void {
    const asked = this.#current;
    this.#current = undefined;
    if (message.kind === "answer") asked?.answered(message.answer);
    else asked?.failed(new HistoryError(message.error.kind, message.error.message));
    this.#next();
  }

  #late(asked: Asked): void {
    const narrower = "ask for less, with from and to, or try again later";
    asked.failed(this.#error("unreachable", `did not answer within ${this.#withinMs} ms: ${narrower}`));
    this.#waiting.delete(asked);
    // What is late may have waited for others. A step takes milliseconds, so one that takes very long will not end.
    const isStuck = this.#current !== undefined && performance.now() - this.#askedAt > this.#withinMs / 2;
    if (!isStuck || this.#givenUp >= MAX_GIVEN_UP) return;
    this.#givenUp++;
    this.#worker?.terminate();
    this.#ended("It did not answer and was given up");
  }

  #ended(error: string | undefined): void {
    this.#worker = undefined;
    this.#onEnd();
    if (this.#closed !== undefined) return;
    const now = performance.now();
    if (now - this.#startedAt > HEALTHY_AFTER_MS) this.#backoff.reset();
    const delayMs = this.#backoff.next();
    this.#notBefore = now + delayMs;
    this.#options.log?.error("Worker that reads the history ended", { error: error ?? "by itself", delayMs });
    this.#failAll(this.#error("unreachable", "could not be read to the end: its worker ended"));
  }

  async #close(): Promise<void> {
    this.#failAll(this.#error("refused", "is closed"));
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, CLOSE_WITHIN_MS);
      this.#onEnd = () => {
        clearTimeout(timeout);
        resolve();
      };
      worker.send({ kind: "close" });
    });
    worker.terminate();
    this.#worker = undefined;
  }

  #failAll(error: HistoryError): void {
    const asked = [...this.#waiting, ...(this.#current ? [this.#current] : [])];
    this.#waiting.clear();
    this.#current = undefined;
    for (const { failed } of asked) failed(error);
  }

  #error(kind: HistoryError["kind"], what: string): HistoryError {
    return new HistoryError(kind, `History in ${this.#file} ${what}`);
  }
}
