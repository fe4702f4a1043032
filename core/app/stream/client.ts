/**
 * One reader of a stream: a queue of encoded events, bounded in bytes.
 *
 * The transport pulls. So whatever it has not taken waits here, where it is counted, and not in a buffer of the
 * platform, where it would grow in silence.
 */

/** Waiting events are handed over together up to this many bytes: fewer writes for a reader that lags a little. */
const CHUNK_BYTES = 65_536;

/** `left`: the reader went away. `slow`: it was cut at its bound. `closed`: the stream ended, at shutdown. */
export type StreamEnd = "left" | "slow" | "closed";

export class StreamClient {
  readonly #maxBytes: number;
  readonly #ended: (end: StreamEnd) => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #end: StreamEnd | undefined;
  #wake: (() => void) | undefined;

  /** `ended` is called once. */
  constructor(maxBytes: number, ended: (end: StreamEnd) => void) {
    this.#maxBytes = maxBytes;
    this.#ended = ended;
  }

  /** Bytes that wait to be taken. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /**
   * Queues an encoded event, which many clients may share. A client whose queue is at its bound is cut instead and
   * the queue freed. So the queue holds at most the bound and one event: a snapshot larger than the bound still
   * reaches a client that reads.
   */
  push(bytes: Uint8Array): void {
    if (this.#end) return;
    if (this.#bytes >= this.#maxBytes) return this.#finish("slow");
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#wake?.();
  }

  /** The next bytes, as soon as there are any; undefined at the end. For one reader at a time. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    return this.#take();
  }

  #take(): Uint8Array {
    let count = 1;
    let size = this.#waiting[0]!.length;
    while (count < this.#waiting.length && size + this.#waiting[count]!.length <= CHUNK_BYTES) {
      size += this.#waiting[count++]!.length;
    }
    const taken = this.#waiting.splice(0, count);
    this.#bytes -= size;
    if (taken.length === 1) return taken[0]!;
    const chunk = new Uint8Array(size);
    let at = 0;
    for (const bytes of taken) {
      chunk.set(bytes, at);
      at += bytes.length;
    }
    return chunk;
  }

  /** The reader went away: nothing is kept for it. */
  leave(): void {
    this.#finish("left");
  }

  /** Ends the stream after what waits; `next` then gives undefined. */
  close(): void {
    this.#finish("closed");
  }

  #finish(end: StreamEnd): void {
    if (this.#end) return;
    this.#end = end;
    if (end !== "closed") {
      this.#waiting = [];
      this.#bytes = 0;
    }
    this.#wake?.();
    this.#ended(end);
  }
}
