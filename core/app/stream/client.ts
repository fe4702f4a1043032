/**
 * One reader of a stream: a queue of encoded events, bounded in bytes.
 *
 * The transport pulls. So whatever it has not taken waits here, where it is counted, and not in a buffer of the
 * platform, where it would grow in silence.
 */
import type { StreamEnd } from "./places.ts";

/** Waiting events are handed over together up to this many bytes: fewer writes for a reader that lags a little. */
const CHUNK_BYTES = 65_536;

/** An event that may take the place of an earlier one of the same key. */
export interface Keyed {
  id: number;
  key: string;
  /** The event under another id. */
  encode(id: number): Uint8Array;
}

interface Waiting {
  /** Shared with all readers. Of an event that took the place of another under its own id, not yet that of the place. */
  bytes: Uint8Array;
  id: number;
  key: string | undefined;
  /** Encodes it for its place: when it is taken, because until then something newer may come. */
  encode?: Keyed["encode"];
}

export interface StreamClientOptions {
  /** A reader for which so much waits is cut. */
  maxBytes: number;
  /**
   * From so many waiting bytes on the latest event of a key takes the place of the one that waits, and its id: nothing
   * is overtaken, so a reader that comes back with the last id that it saw misses nothing. Infinity: never.
   */
  conflateAbove: number;
  /** Called for each event that was replaced. */
  superseded(): void;
  /** Called once. */
  ended(end: StreamEnd): void;
}

export class StreamClient {
  readonly #options: StreamClientOptions;
  #waiting: Waiting[] = [];
  /** What waits by key, while there is enough to conflate. */
  #byKey: Map<string, Waiting> | undefined;
  #bytes = 0;
  #end: StreamEnd | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamClientOptions) {
    this.#options = options;
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
  push(bytes: Uint8Array, keyed?: Keyed): void {
    if (this.#end || (keyed && this.#conflate(bytes, keyed))) return;
    if (this.#bytes >= this.#options.maxBytes) return this.#finish("slow");
    const waiting = { bytes, id: keyed?.id ?? 0, key: keyed?.key };
    this.#waiting.push(waiting);
    this.#bytes += bytes.length;
    if (this.#byKey) index(this.#byKey, waiting);
    this.#wake?.();
  }

  /** Queues a sign of life, unless something waits, which is one; a reader that falls behind would collect them. */
  keepAlive(bytes: Uint8Array): void {
    if (this.#waiting.length === 0) this.push(bytes);
  }

  #conflate(bytes: Uint8Array, { key, encode }: Keyed): boolean {
    if (this.#bytes < this.#options.conflateAbove) return false;
    if (!this.#byKey) {
      this.#byKey = new Map();
      for (const one of this.#waiting) index(this.#byKey, one);
    }
    const waiting = this.#byKey.get(key);
    if (!waiting) return false;
    this.#bytes += bytes.length - waiting.bytes.length;
    waiting.bytes = bytes;
    waiting.encode = encode;
    this.#options.superseded();
    return true;
  }

  /** The next events, as soon as there are any, oldest first; undefined at the end. For one reader at a time. */
  async next(): Promise<Uint8Array[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    return this.#take();
  }

  #take(): Uint8Array[] {
    let count = 1;
    let size = this.#waiting[0]!.bytes.length;
    while (count < this.#waiting.length && size + this.#waiting[count]!.bytes.length <= CHUNK_BYTES) {
      size += this.#waiting[count++]!.bytes.length;
    }
    this.#bytes -= size;
    // Built anew where there is still enough to conflate.
    this.#byKey = undefined;
    return this.#waiting.splice(0, count).map(({ bytes, id, encode }) => encode?.(id) ?? bytes);
  }

  /** The reader went away: nothing is kept for it. */
  leave(): void {
    this.#finish("left");
  }

  /** The transport found that the reader does not read. */
  cut(): void {
    this.#finish("slow");
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
      this.#byKey = undefined;
      this.#bytes = 0;
    }
    this.#wake?.();
    this.#options.ended(end);
  }
}

/** What has no key, such as a snapshot, is a border: nothing moves from behind it to before it. */
function index(byKey: Map<string, Waiting>, waiting: Waiting): void {
  if (waiting.key === undefined) byKey.clear();
  else byKey.set(waiting.key, waiting);
}
