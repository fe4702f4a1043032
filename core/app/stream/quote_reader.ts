import type { StreamEnd } from "./places.ts";

/** One reader: a place among the looks, and a sign of life that waits. It holds nothing else. */
export class QuoteReader {
  /** The look up to which it has been told; undefined before the first. */
  place: number | undefined;
  readonly #bringUp: (reader: QuoteReader) => Uint8Array | undefined;
  readonly #ended: (end: StreamEnd) => void;
  #keepAlive: Uint8Array | undefined;
  #end: StreamEnd | undefined;
  #wake: (() => void) | undefined;

  constructor(
    place: number | undefined,
    bringUp: (reader: QuoteReader) => Uint8Array | undefined,
    ended: (end: StreamEnd) => void,
  ) {
    this.place = place;
    this.#bringUp = bringUp;
    this.#ended = ended;
  }

  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /** What it has to be told, as soon as there is anything; undefined at the end. For one reader at a time. */
  async next(): Promise<Uint8Array[] | undefined> {
    for (;;) {
      if (this.#end) return undefined;
      const told = this.#bringUp(this) ?? this.#keepAlive;
      this.#keepAlive = undefined;
      if (told) return [told];
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  wake(): void {
    this.#wake?.();
  }

  /** Whoever does not wait has something to read anyway. */
  keepAlive(bytes: Uint8Array): void {
    if (!this.#wake) return;
    this.#keepAlive = bytes;
    this.#wake();
  }

  /** The reader went away. */
  leave(): void {
    this.#finish("left");
  }

  /** The transport found that the reader does not read. */
  cut(): void {
    this.#finish("slow");
  }

  close(): void {
    this.#finish("closed");
  }

  #finish(end: StreamEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#wake?.();
    this.#ended(end);
  }
}
