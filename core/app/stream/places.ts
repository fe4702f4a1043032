/** How many readers all streams together have room for, and what became of them. */
export class StreamPlaces {
  readonly #max: number;
  clients = 0;
  /** Readers refused because there was no place. */
  refused = 0;
  /** Readers cut because they stopped reading. */
  cut = 0;
  /** What slow readers were spared, because something newer of the same kind was there before they took it. */
  superseded = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether there is a place. A reader that finds none is counted as refused. */
  admits(): boolean {
    if (this.clients < this.#max) return true;
    this.refused++;
    return false;
  }

  /** False where all places are taken. */
  take(): boolean {
    if (!this.admits()) return false;
    this.clients++;
    return true;
  }

  leave(end: StreamEnd): void {
    this.clients--;
    if (end === "slow") this.cut++;
  }
}

/** `left`: the reader went away. `slow`: it was cut because it did not read. `closed`: the stream ended, at shutdown. */
export type StreamEnd = "left" | "slow" | "closed";
