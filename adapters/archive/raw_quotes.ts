/**
 * Raw quotes on their way to the history: a queue in memory only, bounded by the sender (32 MB), tried again while the
 * history does not answer, dropped where it refuses them again and again.
 */
import type { Clock } from "../../core/ports/clock.ts";
import type { History, QuoteRows } from "../../core/ports/history.ts";
import type { Log } from "../../core/ports/log.ts";
import { Row } from "../../core/app/channel.ts";
import { Backoff } from "../../core/app/backoff.ts";
import { asHistoryError, type HistoryLink } from "./history_link.ts";
import { Wakeable } from "./wakeable.ts";

export interface RawQuotesPorts {
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1). */
  random(): number;
  changed(): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
/** How often the same quotes may be refused. */
const MAX_REFUSALS = 3;
const IDLE_MS = 60_000;

export class RawQuotes {
  /** Quotes since the start. */
  written = 0;
  dropped = 0;
  /** Quotes up to this id are written or dropped. */
  through = 0;
  #queue: { id: number; rows: QuoteRows; refusals: number }[] = [];
  #stopping = false;
  readonly #link: HistoryLink;
  readonly #ports: RawQuotesPorts;
  readonly #rest: Wakeable;
  readonly #backoff: Backoff;

  constructor(link: HistoryLink, ports: RawQuotesPorts) {
    this.#link = link;
    this.#ports = ports;
    this.#rest = new Wakeable(ports.clock);
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, ports.random);
  }

  add(id: number, rows: QuoteRows): void {
    this.#queue.push({ id, rows, refusals: 0 });
    this.#rest.wake();
  }

  /** Asks `run` to return as soon as everything is written, or writing fails. */
  finish(): void {
    this.#stopping = true;
    this.#rest.end();
  }

  async run(): Promise<void> {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) {
        if (this.#stopping) return;
        await this.#rest.untilWoken(IDLE_MS);
        continue;
      }
      try {
        const refusal = await this.#link.use((history) => refusalOf(history, first.rows));
        if (refusal === undefined) this.#wrote(first.rows);
        else if (++first.refusals >= MAX_REFUSALS) this.#drop(first.rows, refusal);
        else await this.#rest.sleep(this.#backoff.next());
      } catch {
        // The link has told that the history does not answer.
        if (this.#stopping) return;
        await this.#rest.sleep(this.#backoff.next());
      }
    }
  }

  #wrote(rows: QuoteRows): void {
    this.written += countOf(rows);
    this.#backoff.reset();
    this.#shift();
  }

  #drop(rows: QuoteRows, error: string): void {
    this.dropped += countOf(rows);
    this.#ports.log.warning("Raw quotes that the history refuses are dropped", {
      quotes: countOf(rows),
      error,
    });
    this.#shift();
  }

  #shift(): void {
    this.through = this.#queue.shift()!.id;
    this.#ports.changed();
  }
}

/** A refusal is a value here: it says nothing of the records. Throws where the history does not answer. */
async function refusalOf(history: History, rows: QuoteRows): Promise<string | undefined> {
  try {
    await history.writeQuotes(rows);
    return undefined;
  } catch (problem) {
    const error = asHistoryError(problem);
    if (error.kind === "unreachable") throw error;
    return error.message;
  }
}

export function countOf({ rows }: QuoteRows): number {
  return rows.length / Row.WORDS;
}
