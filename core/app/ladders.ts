/**
 * Pools on their way from a worker to the core, in shared memory beside the channel: a quote is one row
 * there, its ladders are a hundred steps. A worker publishes the ladders of a cell before it writes the row;
 * the core reads them when it evaluates a route, so they are as new as that row or newer.
 *
 * One writer, one reader. Each cell has two places that are published in turn; the cell's version says which
 * one holds. The other may be half written, and the reader leaves it alone: so it never waits for a writer.
 */
import type { Ladder } from "../domain/ladder.ts";
import type { PoolQuote } from "../domain/pool.ts";

/** Steps of one ladder at most. */
export const MAX_STEPS = 128;

/** Words of one place (float64). The address takes five of 32 bits, the ladders a price and a size for each step. */
const Place = {
  blockNumber: 0,
  blockTime: 1,
  feePpm: 2,
  mid: 3,
  gasNative: 4,
  address: 5,
  buyLength: 10,
  sellLength: 11,
  buy: 12,
  sell: 12 + 2 * MAX_STEPS,
  WORDS: 12 + 4 * MAX_STEPS,
} as const;
const ADDRESS_WORDS = 5;

/** Structured-clone safe: shared by a worker and the core. */
export interface LadderMemory {
  /** How often each cell was published (int32). */
  versions: SharedArrayBuffer;
  /** Two places for each cell (float64). */
  places: SharedArrayBuffer;
  firstCell: number;
  cells: number;
}

export function newLadders(of: { firstCell: number; cells: number }): LadderMemory {
  return {
    ...of,
    versions: new SharedArrayBuffer(of.cells * 4),
    places: new SharedArrayBuffer(of.cells * 2 * Place.WORDS * 8),
  };
}

/** The worker's end. */
export class LadderWriter {
  readonly #memory: LadderMemory;
  readonly #versions: Int32Array;
  readonly #words: Float64Array;

  constructor(memory: LadderMemory) {
    this.#memory = memory;
    this.#versions = new Int32Array(memory.versions);
    this.#words = new Float64Array(memory.places);
  }

  /** Of a ladder that is too long the first steps are published, so that it ends earlier. */
  publish(cell: number, pool: PoolQuote): void {
    const local = cell - this.#memory.firstCell;
    // Not a plain load: on a processor that reorders, the place could be written before the core can see that the other
    // one holds.
    const version = (Atomics.add(this.#versions, local, 0) + 1) | 0;
    const words = this.#words;
    const at = placeOf(local, version);
    words[at + Place.blockNumber] = pool.blockNumber;
    words[at + Place.blockTime] = pool.blockTime;
    words[at + Place.feePpm] = pool.feePpm;
    words[at + Place.mid] = pool.mid;
    words[at + Place.gasNative] = pool.gasNative;
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      words[at + Place.address + word] = Number("0x" + pool.address.slice(2 + word * 8, 10 + word * 8));
    }
    words[at + Place.buyLength] = this.#pack(pool.buy, at + Place.buy);
    words[at + Place.sellLength] = this.#pack(pool.sell, at + Place.sell);
    Atomics.store(this.#versions, local, version);
  }

  #pack({ prices, sizes, length }: Ladder, at: number): number {
    const steps = Math.min(length, MAX_STEPS);
    for (let step = 0; step < steps; step++) {
      this.#words[at + 2 * step] = prices[step]!;
      this.#words[at + 2 * step + 1] = sizes[step]!;
    }
    return steps;
  }
}

/** A copy fails only where the writer published twice meanwhile, which it does not do so often in a row. */
const TRIES = 1_000;

/** The core's end. */
export class LadderReader {
  readonly #versions: Int32Array;
  readonly #words: Float64Array;
  readonly #copy = new Float64Array(Place.WORDS);
  /** What was read last of each cell, and of which version. */
  readonly #read: { version: number; pool: PoolQuote }[] = [];
  readonly firstCell: number;
  readonly cells: number;

  constructor(memory: LadderMemory) {
    this.firstCell = memory.firstCell;
    this.cells = memory.cells;
    this.#versions = new Int32Array(memory.versions);
    this.#words = new Float64Array(memory.places);
  }

  /** The pool of a cell as it was published last; undefined where it never was. The same object until it changes. */
  pool(cell: number): PoolQuote | undefined {
    const local = cell - this.firstCell;
    for (let tries = 0; tries < TRIES; tries++) {
      const version = Atomics.load(this.#versions, local);
      const read = this.#read[local];
      if (version === read?.version) return read.pool;
      if (version === 0) return undefined;
      const at = placeOf(local, version);
      this.#copy.set(this.#words.subarray(at, at + Place.WORDS));
      // The next version goes to the other place, the one after that to this one. A plain load could be done before the
      // reads above it, where the processor reorders; adding nothing cannot.
      if (Atomics.add(this.#versions, local, 0) !== version) continue;
      const pool = unpack(this.#copy);
      this.#read[local] = { version, pool };
      return pool;
    }
    return this.#read[local]?.pool;
  }
}

/** Where a version of a cell is published. */
function placeOf(local: number, version: number): number {
  return (local * 2 + (version & 1)) * Place.WORDS;
}

function unpack(words: Float64Array): PoolQuote {
  const address = words.subarray(Place.address, Place.address + ADDRESS_WORDS);
  return {
    address: "0x" + [...address].map((word) => word.toString(16).padStart(8, "0")).join(""),
    feePpm: words[Place.feePpm]!,
    blockNumber: words[Place.blockNumber]!,
    blockTime: words[Place.blockTime]!,
    mid: words[Place.mid]!,
    gasNative: words[Place.gasNative]!,
    buy: ladder(words, Place.buy, words[Place.buyLength]!),
    sell: ladder(words, Place.sell, words[Place.sellLength]!),
  };
}

function ladder(words: Float64Array, at: number, length: number): Ladder {
  const each = (offset: number) => Float64Array.from({ length }, (_, step) => words[at + 2 * step + offset]!);
  return { prices: each(0), sizes: each(1), length };
}
