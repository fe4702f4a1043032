/** Readers with the same filter and encoder: they are sent the same bytes, which are made once. */
export interface Group<Filter, Encoder, Reader, Made> {
  readonly filter: Filter;
  readonly encoder: Encoder;
  readonly readers: Set<Reader>;
  /** What was made for them and may still be of use. */
  readonly made: Made;
}

/** Proxies close connections that stay silent for 30 to 60 s. */
export const KEEP_ALIVE_MS = 15_000;

/** All groups of a hub that have readers. */
export class Groups<Filter, Encoder, Reader extends { keepAlive(bytes: Uint8Array): void }, Made> {
  readonly #keyOf: (filter: Filter) => string;
  readonly #nothingMade: () => Made;
  readonly #groups = new Map<Encoder, Map<string, Group<Filter, Encoder, Reader, Made>>>();

  constructor(keyOf: (filter: Filter) => string, nothingMade: () => Made) {
    this.#keyOf = keyOf;
    this.#nothingMade = nothingMade;
  }

  /** The group of a filter and an encoder; whoever asks adds a reader. */
  of(filter: Filter, encoder: Encoder): Group<Filter, Encoder, Reader, Made> {
    let groups = this.#groups.get(encoder);
    if (!groups) this.#groups.set(encoder, groups = new Map());
    const key = this.#keyOf(filter);
    let group = groups.get(key);
    if (!group) groups.set(key, group = { filter, encoder, readers: new Set(), made: this.#nothingMade() });
    return group;
  }

  leave({ filter, encoder, readers }: Group<Filter, Encoder, Reader, Made>, reader: Reader): void {
    readers.delete(reader);
    if (readers.size > 0) return;
    const groups = this.#groups.get(encoder);
    groups?.delete(this.#keyOf(filter));
    if (groups?.size === 0) this.#groups.delete(encoder);
  }

  get empty(): boolean {
    return this.#groups.size === 0;
  }

  *[Symbol.iterator](): Iterator<Group<Filter, Encoder, Reader, Made>> {
    for (const groups of this.#groups.values()) yield* groups.values();
  }

  *readers(): Iterable<Reader> {
    for (const { readers } of this) yield* readers;
  }

  /** Sends every reader what its encoder makes of it. */
  keepAlive(encode: (encoder: Encoder) => Uint8Array): void {
    for (const [encoder, groups] of this.#groups) {
      const bytes = encode(encoder);
      for (const { readers } of groups.values()) for (const reader of readers) reader.keepAlive(bytes);
    }
  }
}
