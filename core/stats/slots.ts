/**
 * What prices did in the last minutes, in shared memory: the worker adds each tick as it writes it, the core reads when
 * it needs figures. So statistics are exact over every tick, also over those that the channel conflates, and cost the
 * core nothing per tick.
 *
 * Each cell has a ring of slots, `slotMs` of time each; a slot holds the figures of the ticks that arrived in it. Time in
 * which nothing came has no slots; what stood then is known from the slot after it, or from the newest one.
 *
 * One writer, one reader. Only the newest slot of a cell changes, and the writer publishes it after each change in one of
 * two places in turn; the cell's version says in which. The other one may be half written, and the reader leaves it alone:
 * so it never waits for a writer, not even for one that the system stopped in the middle of a change.
 */
import { Aggregate } from "./aggregate.ts";

/** Longest that a reader can look back: five minutes, and time for a minute to be closed late. */
const REACH_MS = 330_000;

/** Words of one slot (float64). */
const Slot = {
  /** Which slot since the epoch; NaN where it was never written. */
  number: 0,
  ticks: 1,
  sum: 2,
  min: 3,
  minTime: 4,
  max: 5,
  maxTime: 6,
  first: 7,
  last: 8,
  /** The quote that stood when the slot began: price, bid, ask; NaN where none did. */
  carried: 9,
  /** From the begin of the slot to `until`: the time a price stood, and the sum of prices weighted with it. */
  weighted: 12,
  freshMs: 13,
  /** When the last thing happened in the slot, and the quote that has stood since. */
  until: 14,
  standing: 15,
  WORDS: 18,
} as const;

/** Structured-clone safe: shared by a worker and the core. */
export interface SlotMemory {
  /** A version for each cell: how often its newest slot was published (int32). */
  versions: SharedArrayBuffer;
  /**
   * The number of the newest slot of each cell, the rings, two slots of each cell to publish in, and one for the
   * reader's copy (float64).
   */
  slots: SharedArrayBuffer;
  slotMs: number;
  /** Slots of a ring. */
  capacity: number;
  firstCell: number;
  cells: number;
}

/** The finest of these that fits all cells into about this much memory; with very many cells it takes more. */
const SLOT_MS = [100, 200, 500, 1000];
const MEMORY_BYTES = 36e6;

/** How long a slot is, ms, for so many cells. */
export function slotMsFor(cells: number): number {
  return SLOT_MS.find((ms) => cells * REACH_MS / ms * Slot.WORDS * 8 <= MEMORY_BYTES) ?? SLOT_MS.at(-1)!;
}

export function newSlots(of: { slotMs: number; firstCell: number; cells: number }): SlotMemory {
  const capacity = REACH_MS / of.slotMs;
  const slots = new SharedArrayBuffer((of.cells * (1 + (capacity + 2) * Slot.WORDS) + Slot.WORDS) * 8);
  // Touches all of it as well, so that memory does not grow while the rings fill.
  new Float64Array(slots).fill(NaN);
  return { ...of, capacity, slots, versions: new SharedArrayBuffer(of.cells * 4) };
}

/** A clock that goes back by less is held; by more, it was set, and the cell begins anew. */
export const MOST_BACK_MS = 1_000;

/** The worker's end. */
export class SlotWriter {
  readonly #memory: SlotMemory;
  readonly #versions: Int32Array;
  readonly #words: Float64Array;

  constructor(memory: SlotMemory) {
    this.#memory = memory;
    this.#versions = new Int32Array(memory.versions);
    this.#words = new Float64Array(memory.slots);
  }

  /** A tick. `bid` and `ask` are NaN where the source states only a price. Time may go back a little; it is held then. */
  tick(cell: number, price: number, bid: number, ask: number, time: number): void {
    const words = this.#words;
    const local = cell - this.#memory.firstCell;
    const at = this.#advance(local, time);
    const now = words[at + Slot.until]!;
    if (words[at + Slot.ticks] === 0) words[at + Slot.first] = price;
    words[at + Slot.ticks]!++;
    words[at + Slot.sum]! += price;
    if (!(price >= words[at + Slot.min]!)) {
      words[at + Slot.min] = price;
      words[at + Slot.minTime] = now;
    }
    if (!(price <= words[at + Slot.max]!)) {
      words[at + Slot.max] = price;
      words[at + Slot.maxTime] = now;
    }
    words[at + Slot.last] = price;
    words[at + Slot.standing] = price;
    words[at + Slot.standing + 1] = bid;
    words[at + Slot.standing + 2] = ask;
    this.#publish(local, at);
  }

  /** From `time` on no quote stands: it went stale or was withdrawn. */
  end(cell: number, time: number): void {
    const local = cell - this.#memory.firstCell;
    const newest = this.#words[local]!;
    if (Number.isNaN(newest) || Number.isNaN(this.#words[this.#at(local, newest) + Slot.standing]!)) return;
    const at = this.#advance(local, time);
    this.#words.fill(NaN, at + Slot.standing, at + Slot.standing + 3);
    this.#publish(local, at);
  }

  /** Takes over from a writer that is gone since `time`: what it left standing stood until then. */
  takeOver(time: number): void {
    const { firstCell, cells } = this.#memory;
    for (let local = 0; local < cells; local++) this.end(firstCell + local, time);
  }

  /** The newest slot of a cell as it is now, for the reader. */
  #publish(local: number, at: number): void {
    const version = this.#versions[local]! + 1;
    this.#words.copyWithin(publishedAt(this.#memory, local, version), at, at + Slot.WORDS);
    Atomics.store(this.#versions, local, version);
  }

  /** Brings the time of a cell up to `time` and returns its slot there. */
  #advance(local: number, time: number): number {
    const words = this.#words;
    const { slotMs } = this.#memory;
    const newest = words[local]!;
    let at = Number.isNaN(newest) ? -1 : this.#at(local, newest);
    if (at < 0 || words[at + Slot.until]! - time > MOST_BACK_MS) {
      return this.#begin(local, Math.floor(time / slotMs), NaN, NaN, NaN, time);
    }
    const now = Math.max(time, words[at + Slot.until]!);
    const number = Math.floor(now / slotMs);
    if (number > newest) {
      const price = words[at + Slot.standing]!;
      const bid = words[at + Slot.standing + 1]!;
      const ask = words[at + Slot.standing + 2]!;
      at = this.#begin(local, number, price, bid, ask, number * slotMs);
    }
    const price = words[at + Slot.standing]!;
    const ms = now - words[at + Slot.until]!;
    if (!Number.isNaN(price)) {
      words[at + Slot.freshMs]! += ms;
      words[at + Slot.weighted]! += price * ms;
    }
    words[at + Slot.until] = now;
    return at;
  }

  #begin(local: number, number: number, price: number, bid: number, ask: number, until: number): number {
    const words = this.#words;
    const at = this.#at(local, number);
    words.fill(NaN, at, at + Slot.WORDS);
    words[at + Slot.number] = number;
    words[at + Slot.ticks] =
      words[at + Slot.sum] =
      words[at + Slot.weighted] =
      words[at + Slot.freshMs] =
        0;
    words[at + Slot.carried] = words[at + Slot.standing] = price;
    words[at + Slot.carried + 1] = words[at + Slot.standing + 1] = bid;
    words[at + Slot.carried + 2] = words[at + Slot.standing + 2] = ask;
    words[at + Slot.until] = until;
    words[local] = number;
    return at;
  }

  #at(local: number, number: number): number {
    return slotAt(this.#memory, local, number);
  }
}

/** A copy fails only where the writer published meanwhile, which it does not do so often in a row. */
const TRIES = 1_000_000;

/** The core's end. */
export class SlotReader {
  readonly #memory: SlotMemory;
  readonly #versions: Int32Array;
  readonly #words: Float64Array;
  /** Where the copy of a newest slot is. */
  readonly #copy: number;
  /** When the writer was lost, ms; Infinity while there is one. Nothing stands after that. */
  lostAt = Infinity;

  constructor(memory: SlotMemory) {
    this.#memory = memory;
    this.#versions = new Int32Array(memory.versions);
    this.#words = new Float64Array(memory.slots);
    this.#copy = this.#words.length - Slot.WORDS;
  }

  get slotMs(): number {
    return this.#memory.slotMs;
  }

  /**
   * What the price of a cell did in `[from, to)`, both whole multiples of `slotMs`. `now` is where knowledge ends: a
   * quote that stands does so until then. What is older than five and a half minutes is gone.
   */
  read(cell: number, from: number, to: number, now: number): Aggregate {
    const local = cell - this.#memory.firstCell;
    const words = this.#words;
    const { slotMs, capacity } = this.#memory;
    const end = Math.min(now, this.lostAt, to);
    const aggregate = new Aggregate();
    const newest = this.#copyNewest(local);
    if (Number.isNaN(newest)) return aggregate;
    // The oldest slot that the ring still holds; the writer may be about to go over one or two more.
    const first = Math.max(Math.round(from / slotMs), newest - capacity + 3);
    const behind = Math.round(to / slotMs);
    /** Up to where everything is added, and where the quote stands that has stood since (an offset in `words`). */
    let time = Math.max(from, first * slotMs);
    let standing = -1;
    for (let number = first; number < behind && number <= newest; number++) {
      const at = number === newest ? this.#copy : slotAt(this.#memory, local, number);
      if (words[at + Slot.number] !== number) continue;
      this.#stood(aggregate, at + Slot.carried, time, number * slotMs);
      if (words[at + Slot.ticks]! > 0) {
        aggregate.ticks(
          words[at + Slot.ticks]!,
          words[at + Slot.sum]!,
          words[at + Slot.min]!,
          words[at + Slot.minTime]!,
          words[at + Slot.max]!,
          words[at + Slot.maxTime]!,
          words[at + Slot.first]!,
          words[at + Slot.last]!,
        );
        aggregate.fresh(words[at + Slot.weighted]!, words[at + Slot.freshMs]!);
      } else this.#stood(aggregate, at + Slot.carried, number * slotMs, words[at + Slot.until]!);
      time = words[at + Slot.until]!;
      standing = at + Slot.standing;
    }
    if (standing < 0) standing = this.#stoodAt(local, behind, newest);
    this.#stood(aggregate, standing, time, end);
    // Where the writer is lost, nothing stands in the end.
    if (end === to || end < this.lostAt) {
      aggregate.bid = words[standing + 1]!;
      aggregate.ask = words[standing + 2]!;
    }
    return aggregate;
  }

  /** Copies the newest slot of a cell, whole, and returns its number; NaN where there is none. */
  #copyNewest(local: number): number {
    for (let tries = 1;; tries++) {
      const version = Atomics.load(this.#versions, local);
      if (version === 0) return NaN;
      const at = publishedAt(this.#memory, local, version);
      this.#words.copyWithin(this.#copy, at, at + Slot.WORDS);
      // The next version goes to the other place, the one after that to this one. A plain load could be done before the
      // reads above it, where the processor reorders; adding nothing cannot.
      if (Atomics.add(this.#versions, local, 0) === version || tries === TRIES) {
        return this.#words[this.#copy + Slot.number]!;
      }
    }
  }

  /** Where the quote is that stood before slot `number`, before which the range has no slot. */
  #stoodAt(local: number, number: number, newest: number): number {
    if (newest < number) return this.#copy + Slot.standing;
    for (let next = Math.max(number, newest - this.#memory.capacity + 3); next < newest; next++) {
      const at = slotAt(this.#memory, local, next);
      if (this.#words[at + Slot.number] === next) return at + Slot.carried;
    }
    return this.#copy + Slot.carried;
  }

  #stood(aggregate: Aggregate, at: number, from: number, to: number): void {
    const price = this.#words[at]!;
    if (to > from && !Number.isNaN(price)) aggregate.stood(price, to - from, from);
  }
}

/** Where the slot is that was published as this version. */
function publishedAt({ cells, capacity }: SlotMemory, local: number, version: number): number {
  return cells * (1 + capacity * Slot.WORDS) + (local * 2 + (version & 1)) * Slot.WORDS;
}

function slotAt({ cells, capacity }: SlotMemory, local: number, number: number): number {
  return cells + (local * capacity + number % capacity) * Slot.WORDS;
}
