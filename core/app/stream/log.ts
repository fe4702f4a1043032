/** The last events of a stream, for readers that come back. A ring: the oldest makes room for the newest. */
import type { StreamEvent } from "./filter.ts";

/** An event with its encoded forms, each made when the first reader needs it and shared by all. */
export interface LoggedEvent {
  event: StreamEvent;
  /** By encoder. */
  bytes: Map<unknown, Uint8Array>;
  /** As `closed` with the reason `below_filter`, by encoder. */
  leftBytes: Map<unknown, Uint8Array>;
}

/**
 * Ids are integers that grow by one per event. They start at the start time of their hub in milliseconds × 1,024, so
 * every run begins above all ids of the runs before it (a run would need more than 1,024 events per millisecond to
 * break that, and stays below 2^53 until the year 2248): an id of another run, or of the time before a mode switch,
 * is recognised and answered with a snapshot.
 */
export function firstIdAt(now: number): number {
  return Math.floor(now) * 1024;
}

export class StreamLog {
  readonly #ring: LoggedEvent[] = [];
  readonly #capacity: number;
  /** Id of the last event. */
  #last: number;
  /** A reader that saw this id or a later one can be told what it missed. */
  #floor: number;

  constructor(capacity: number, startId: number) {
    this.#capacity = capacity;
    this.#last = this.#floor = startId;
  }

  get lastId(): number {
    return this.#last;
  }

  /** Adds an event under the next id; `make` is given that id. */
  append(make: (id: number) => StreamEvent): LoggedEvent {
    const logged: LoggedEvent = { event: make(++this.#last), bytes: new Map(), leftBytes: new Map() };
    if (this.#capacity > 0) this.#ring[this.#last % this.#capacity] = logged;
    this.#floor = Math.max(this.#floor, this.#last - this.#capacity);
    return logged;
  }

  /** Starts anew: nothing from before can be replayed. The id moves on, so that it names the new beginning. */
  restart(): void {
    this.#floor = ++this.#last;
    this.#ring.length = 0;
  }

  /** Events after `id`, oldest first; undefined where they are not known (too old, or of another run). */
  after(id: number): LoggedEvent[] | undefined {
    if (!Number.isSafeInteger(id) || id < this.#floor || id > this.#last) return undefined;
    return Array.from({ length: this.#last - id }, (_, i) => this.#ring[(id + 1 + i) % this.#capacity]!);
  }
}
