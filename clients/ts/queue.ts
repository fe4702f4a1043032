/**
 * What waits for the reader of a stream. It is bounded by conflation: of each row only the latest waits, and where more
 * rows than the bound wait, one snapshot takes the place of all of them. Of everything else (the connection, signs of
 * life) the latest waits, too.
 */
export class EventQueue<Event> {
  readonly #maxRows: number;
  readonly #snapshot: () => Event;
  readonly #rows = new Map<string, Event>();
  /** Stands before all rows. */
  #before: Event | undefined;
  readonly #others = new Map<string, Event>();
  #conflated = 0;

  /** `snapshot` makes one of the rows as they are now. */
  constructor(maxRows: number, snapshot: () => Event) {
    this.#maxRows = maxRows;
    this.#snapshot = snapshot;
  }

  /** How many events wait. */
  get size(): number {
    return this.#others.size + (this.#before === undefined ? 0 : 1) + this.#rows.size;
  }

  /** How many events the reader was spared, because something newer was there before it took them. */
  get conflated(): number {
    return this.#conflated;
  }

  /** A row has changed, and `#snapshot` has that in it. It keeps the place of the event that it replaces. */
  putRow(key: string, event: Event): void {
    if (this.#rows.has(key)) this.#conflated++;
    this.#rows.set(key, event);
    if (this.#rows.size > this.#maxRows) this.putSnapshot(this.#snapshot());
  }

  putSnapshot(event: Event): void {
    this.dropRows();
    this.#before = event;
  }

  /** These are taken first: they say how to understand what follows. */
  putOther(key: string, event: Event): void {
    if (this.#others.delete(key)) this.#conflated++;
    this.#others.set(key, event);
  }

  /** What waits is of no use any more. */
  dropRows(): void {
    this.#conflated += this.#rows.size + (this.#before === undefined ? 0 : 1);
    this.#rows.clear();
    this.#before = undefined;
  }

  take(): Event | undefined {
    const other = takeFirst(this.#others);
    if (other !== undefined) return other;
    const before = this.#before;
    this.#before = undefined;
    return before ?? takeFirst(this.#rows);
  }
}

function takeFirst<Value>(waiting: Map<string, Value>): Value | undefined {
  for (const [key, value] of waiting) {
    waiting.delete(key);
    return value;
  }
  return undefined;
}
