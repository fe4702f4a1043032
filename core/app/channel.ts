/**
 * The channel from a venue's worker to the core: a bounded single-producer single-consumer ring of packed rows in
 * shared memory.
 *
 * When the ring is full the writer keeps only the latest row of each cell until there is room. So memory cannot
 * grow, and under overload quotes get newer, not older. A row says how many ticks it stands for, nothing is lost
 * uncounted.
 *
 * A cell is one place in the quote table: `venue id × number of symbols + symbol id`.
 */
import type { QuoteState } from "../domain/quote.ts";

/** Words of one row (float64). */
export const Row = {
  cell: 0,
  state: 1,
  bid: 2,
  bidSize: 3,
  ask: 4,
  askSize: 5,
  price: 6,
  exchangeTime: 7,
  receivedTime: 8,
  /** How many ticks this row stands for; above 1 where it was conflated. */
  ticks: 9,
  WORDS: 10,
} as const;

/** A row in the open. Absent prices, sizes and times are NaN. */
export interface Tick {
  cell: number;
  state: QuoteState;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
  price: number;
  exchangeTime: number;
  receivedTime: number;
  ticks: number;
}

/** Words of the header (int32). Head and tail count rows modulo 2^32; each has one writer. */
const HEAD = 0;
const TAIL = 1;
const WRITER_WAITS = 2;
const HEADER_WORDS = 16;

/** What a worker shares with the core. Structured-clone safe: post it to the worker once. */
export interface ChannelMemory {
  /** Header and ring. */
  rows: SharedArrayBuffer;
  /** Capacity of the ring in rows, a power of two. */
  capacity: number;
  /** One for all channels of a core: word 0 counts wake-ups, word 1 is 1 while the core sleeps. */
  wake: SharedArrayBuffer;
  /** The cells that the writer may use: `firstCell` up to `firstCell + cells - 1`. */
  firstCell: number;
  cells: number;
}

export function newWake(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/** Memory for one channel. `capacity` is rounded up to a power of two. */
export function newChannel(
  options: { capacity: number; wake: SharedArrayBuffer; firstCell: number; cells: number },
): ChannelMemory {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, options.capacity)));
  const rows = new SharedArrayBuffer(HEADER_WORDS * 4 + capacity * Row.WORDS * 8);
  return { ...options, capacity, rows };
}

/** The worker's end. */
export class ChannelWriter {
  readonly #header: Int32Array;
  readonly #ring: Float64Array;
  readonly #mask: number;
  readonly #capacity: number;
  readonly #wake: Int32Array;
  readonly #firstCell: number;
  /** Rows that found the ring full: the latest of each cell. `#waiting` lists the cells that hold one. */
  readonly #kept: Float64Array;
  readonly #keeps: Uint8Array;
  #waiting: number[] = [];
  #wakeFlush = false;
  /** Ticks that were merged into a later one of the same cell. */
  conflated = 0;

  constructor(memory: ChannelMemory) {
    this.#header = new Int32Array(memory.rows, 0, HEADER_WORDS);
    this.#ring = new Float64Array(memory.rows, HEADER_WORDS * 4);
    this.#capacity = memory.capacity;
    this.#mask = memory.capacity - 1;
    this.#wake = new Int32Array(memory.wake);
    this.#firstCell = memory.firstCell;
    this.#kept = new Float64Array(memory.cells * Row.WORDS);
    this.#keeps = new Uint8Array(memory.cells);
  }

  /** Cells that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Hands a tick to the core, or keeps it as the latest of its cell until there is room. Never blocks. */
  write(tick: Tick): void {
    if (this.#waiting.length > 0) this.#flush();
    if (this.#waiting.length > 0 || this.#full()) this.#keep(tick);
    else {
      const head = this.#header[HEAD]!;
      pack(tick, this.#ring, (head & this.#mask) * Row.WORDS);
      Atomics.store(this.#header, HEAD, (head + 1) | 0);
      this.#wakeCore();
    }
  }

  #full(): boolean {
    return ((this.#header[HEAD]! - Atomics.load(this.#header, TAIL)) | 0) >= this.#capacity;
  }

  #keep(tick: Tick): void {
    const local = tick.cell - this.#firstCell;
    const at = local * Row.WORDS;
    let ticks = tick.ticks;
    if (this.#keeps[local] === 1) {
      ticks += this.#kept[at + Row.ticks]!;
      this.conflated += tick.ticks;
    } else {
      this.#keeps[local] = 1;
      this.#waiting.push(local);
    }
    pack(tick, this.#kept, at);
    this.#kept[at + Row.ticks] = ticks;
    this.#flushWhenRead();
  }

  /** Moves kept rows into the ring as far as there is room. */
  #flush(): void {
    let moved = 0;
    while (moved < this.#waiting.length && !this.#full()) {
      const local = this.#waiting[moved]!;
      const head = this.#header[HEAD]!;
      const from = local * Row.WORDS;
      this.#ring.set(this.#kept.subarray(from, from + Row.WORDS), (head & this.#mask) * Row.WORDS);
      this.#keeps[local] = 0;
      moved++;
      Atomics.store(this.#header, HEAD, (head + 1) | 0);
    }
    if (moved === 0) return;
    this.#waiting = this.#waiting.slice(moved);
    this.#wakeCore();
  }

  /**
   * Flushes again when the core has read, even if no further tick comes. Looks for room once more after it said that it
   * waits: the core may have read everything since the ring was found full, and then it has nothing to read again.
   */
  #flushWhenRead(): void {
    if (this.#wakeFlush) return;
    this.#wakeFlush = true;
    Atomics.store(this.#header, WRITER_WAITS, 1);
    const tail = Atomics.load(this.#header, TAIL);
    const again = () => {
      this.#wakeFlush = false;
      this.#flush();
      if (this.#waiting.length > 0) this.#flushWhenRead();
    };
    const wait = this.#full() ? Atomics.waitAsync(this.#header, TAIL, tail) : undefined;
    if (wait?.async) wait.value.then(again);
    else queueMicrotask(again);
  }

  #wakeCore(): void {
    if (Atomics.load(this.#wake, 1) === 0) return;
    Atomics.add(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
  }
}

/** The core's end. */
export class ChannelReader {
  readonly #header: Int32Array;
  readonly #ring: Float64Array;
  readonly #mask: number;
  readonly capacity: number;

  constructor(memory: ChannelMemory) {
    this.#header = new Int32Array(memory.rows, 0, HEADER_WORDS);
    this.#ring = new Float64Array(memory.rows, HEADER_WORDS * 4);
    this.#mask = memory.capacity - 1;
    this.capacity = memory.capacity;
  }

  /** Rows that wait to be read. */
  get depth(): number {
    return (Atomics.load(this.#header, HEAD) - this.#header[TAIL]!) | 0;
  }

  /**
   * Calls `read` with the ring and the offset of each waiting row, at most `limit` of them, and returns how many.
   * The row is only valid during the call.
   */
  drain(limit: number, read: (words: Float64Array, offset: number) => void): number {
    const count = Math.min(limit, this.depth);
    if (count === 0) return 0;
    const tail = this.#header[TAIL]!;
    for (let i = 0; i < count; i++) read(this.#ring, ((tail + i) & this.#mask) * Row.WORDS);
    Atomics.store(this.#header, TAIL, (tail + count) | 0);
    if (Atomics.load(this.#header, WRITER_WAITS) === 1) {
      Atomics.store(this.#header, WRITER_WAITS, 0);
      Atomics.notify(this.#header, TAIL);
    }
    return count;
  }
}

/** Sleeps until a writer wrote, unless a reader has rows already. Resolves at once in that case. */
export class WakeUp {
  readonly #wake: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#wake = new Int32Array(memory);
  }

  /** Ends a sleep from outside, for stopping. */
  ring(): void {
    Atomics.add(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
  }

  /** `hasWork` is asked after the sleep was announced, so that no row can slip in between. */
  async sleep(hasWork: () => boolean): Promise<void> {
    const seen = Atomics.load(this.#wake, 0);
    Atomics.store(this.#wake, 1, 1);
    if (!hasWork()) {
      const wait = Atomics.waitAsync(this.#wake, 0, seen);
      if (wait.async) await wait.value;
    }
    Atomics.store(this.#wake, 1, 0);
  }
}

function pack(tick: Tick, words: Float64Array, at: number): void {
  words[at + Row.cell] = tick.cell;
  words[at + Row.state] = tick.state;
  words[at + Row.bid] = tick.bid;
  words[at + Row.bidSize] = tick.bidSize;
  words[at + Row.ask] = tick.ask;
  words[at + Row.askSize] = tick.askSize;
  words[at + Row.price] = tick.price;
  words[at + Row.exchangeTime] = tick.exchangeTime;
  words[at + Row.receivedTime] = tick.receivedTime;
  words[at + Row.ticks] = tick.ticks;
}
