/** A channel of one instrument and those who listen to it. */
import type { Client } from "./client.ts";

/** What a channel says of one instrument. Times are ms since the epoch, with a fraction. */
export interface Stream {
  /** The frame for a client that has just subscribed; null where the venue sends none before the next change. */
  first(now: number): string | null;
  /** The frame for everyone after the instrument changed; null where this channel has nothing to say of it. */
  next(now: number): string | null;
  /** What the venue repeats although nothing changed; asked many times a second, null nearly always. */
  idle?(now: number): string | null;
  /** Makes the next frame wrong where dropping it would not be noticed: a checksum that does not match. */
  spoil?(): void;
}

export class Topic {
  readonly key: string;
  /** Null while a recording is replayed: the topic is acknowledged and says nothing of its own. */
  readonly stream: Stream | null;
  readonly subscribers = new Set<Client>();
  #skip = false;

  constructor(key: string, stream: Stream | null) {
    this.key = key;
    this.stream = stream;
  }

  /** The next frame will not follow on the one before. */
  breakSequence(): void {
    if (this.stream?.spoil === undefined) this.#skip = true;
    else this.stream.spoil();
  }

  next(now: number): string | null {
    const text = this.stream?.next(now) ?? null;
    if (text === null || !this.#skip) return text;
    this.#skip = false;
    return null;
  }
}
